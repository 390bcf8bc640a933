"""keyferry as a stranger meets it: help, exit statuses, check, settings."""
import json
import os
import shutil
import subprocess

import pytest
from conftest import EXAMPLE, SECRETS, values_of
from peers import programs


def keyferry(binaries, *arguments, **options):
    return programs.run([binaries.keyferry, *arguments], **options)


def test_help_and_version_are_answers(binaries):
    for arguments in (["--help"], ["pull", "--help"], ["check", "--help"], ["settings", "--help"],
                      ["jmespath", "--help"]):
        done = keyferry(binaries, *arguments)
        assert done.returncode == 0 and done.stderr == ""
        assert "Exit status" in done.stdout or "Examples" in done.stdout
    version = open(os.path.join(EXAMPLE, "..", "..", "VERSION")).read().strip()
    for program in (binaries.keyferry, binaries.sidecar, binaries.dev):
        assert version in programs.run([program, "--version"]).stdout


@pytest.mark.parametrize("arguments", [[], ["fetch"], ["pull"], ["jmespath"],
                                       ["check", "--output", "xml"],
                                       ["pull", "-f", "x", "--out", "y", "--watch", "soon"],
                                       ["pull", "-f", "x", "--out", "y", "--token-file", "vault"]])
def test_wrong_usage_is_status_2_on_stderr(binaries, arguments):
    done = keyferry(binaries, *arguments)
    assert done.returncode == 2 and done.stdout == "" and "--help" in done.stderr


def test_an_answer_that_cannot_be_written_is_a_failure(binaries):
    with open("/dev/full", "w") as full:
        for arguments in (["--help"], ["check", "-f", str(EXAMPLE)], ["completion", "bash"]):
            done = subprocess.run([binaries.keyferry, *arguments], stdout=full, text=True,
                                  stderr=subprocess.PIPE, check=False, timeout=60)
            assert done.returncode == 1 and "standard output" in done.stderr


def test_the_example_is_good(binaries):
    done = keyferry(binaries, "check", "-f", str(EXAMPLE))
    assert (done.returncode, done.stderr) == (0, "")


def test_every_mistake_is_named_at_once_with_line_and_remedy(binaries):
    done = keyferry(binaries, "check", "-f", str(EXAMPLE / "mistakes"), "--output", "json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    problems = answer["problems"]
    assert not answer["good"] and len(problems) >= 6
    assert sum(problem["severity"] == "error" for problem in problems) >= 5
    for problem in problems:
        assert problem["line"] > 0 and problem["field"] and problem["object"]
        assert problem.get("remedy") or ";" in problem["message"]


def test_completion_for_every_shell(binaries):
    for shell in ("bash", "zsh", "fish"):
        done = keyferry(binaries, "completion", shell)
        assert done.returncode == 0 and "keyferry" in done.stdout
        if shutil.which(shell):
            assert programs.run([shell, "-n"], input=done.stdout).returncode == 0


def completed(binaries, *words):
    """What bash offers for the last of the words, asking the program itself."""
    script = """
        PATH=$1:$PATH; shift
        source <(keyferry completion bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _keyferry
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = programs.run(["bash", "-c", script, "bash", os.path.dirname(binaries.keyferry),
                         "keyferry", *words])
    assert (done.returncode, done.stderr) == (0, "")
    return sorted(done.stdout.split())


def test_bash_completes_verbs_flags_shells_and_files(binaries, folder):
    assert completed(binaries, "") == ["--help", "--version", "check", "completion",
                                       "jmespath", "pull", "settings"]
    assert completed(binaries, "c") == ["check", "completion"]
    assert completed(binaries, "--v") == ["--version"]
    assert completed(binaries, "check", "--wa") == ["--warnings-are-errors"]
    assert completed(binaries, "settings", "--s") == ["--secrets"]
    for verb, flags in {"pull": {"--file", "--out", "--watch", "--token-file", "--allow-disk"},
                        "check": {"--file", "--live", "--output"},
                        "settings": {"--app", "--secrets", "--model-metadata"},
                        "jmespath": {"--unquoted", "--compact"}}.items():
        assert flags <= set(completed(binaries, verb, "--"))
    assert completed(binaries, "completion", "") == ["bash", "fish", "zsh"]
    for name in ("spc.yaml", "sa.yaml"):
        open(os.path.join(folder, name), "w").close()
    assert completed(binaries, "check", "-f", os.path.join(folder, "s")) == [
        os.path.join(folder, "sa.yaml"), os.path.join(folder, "spc.yaml")]


def test_manifests_come_from_standard_input_too(binaries):
    text = (EXAMPLE / "secretproviderclass.yaml").read_text().replace("vault\n", "valt\n", 1)
    done = keyferry(binaries, "check", "-f", "-", input=text)
    assert done.returncode == 1
    assert "-:" in done.stderr and "did you mean 'vault'?" in done.stderr


def test_jmespath_reads_a_pipe_and_says_where_an_expression_is_wrong(binaries):
    document = json.dumps({"db-password": "hunter2", "hosts": [{"name": "a"}, {"name": "b"}]})
    done = keyferry(binaries, "jmespath", "-u", '"db-password"', input=document)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hunter2\n", "")
    done = keyferry(binaries, "jmespath", "hosts[?name > `1`] || hosts[*].name", "-",
                    input=document)
    assert (done.returncode, done.stdout) == (0, '[\n  "a",\n  "b"\n]\n')
    done = keyferry(binaries, "jmespath", "db-password", input=document)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: syntax: " in done.stderr and "\n    ^\n" in done.stderr
    # What the hint says to type does it.
    command = done.stderr.splitlines()[-1].replace("keyferry", binaries.keyferry)
    assert programs.run(["bash", "-c", command], input=document).stdout == '"hunter2"\n'
    done = keyferry(binaries, "jmespath", "abs(\"db-password\")", input=document)
    assert done.returncode == 1 and "hunter2" not in done.stderr


def test_a_bomb_of_aliases_is_refused(binaries, folder):
    path = os.path.join(folder, "bomb.yaml")
    with open(path, "w") as file:
        file.write("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
        for i in range(1, 12):
            refs = ", ".join([f"*a{i - 1}"] * 10)
            file.write(f"a{i}: &a{i} [{refs}]\n")
    done = keyferry(binaries, "check", "-f", path)
    assert done.returncode == 1 and "bomb.yaml" in done.stderr


def write_secrets(folder, **changes):
    path = os.path.join(folder, "files")
    os.makedirs(path)
    for fields in SECRETS.values():
        for key, value in {**fields, **changes}.items():
            name = "mx-runtime-" + key if key.startswith("com.") else key
            with open(os.path.join(path, name), "w") as file:
                file.write(value)
    return path


def test_settings_say_where_each_value_came_from_and_hide_secrets(binaries, folder):
    done = keyferry(binaries, "settings", "--app", str(EXAMPLE / "mendixapp.yaml"), "--secrets",
                    write_secrets(folder), "--output", "json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["settings"]}
    assert rows["DatabasePassword"] == {
        "kind": "setting", "name": "DatabasePassword", "source": "store",
        "from": "database-password", "hidden": True}
    assert rows["MyFirstModule.MyConstant"]["source"] == "store"
    assert rows["Atlas_Core.Atlas_Core_Version"]["source"] == "MendixApp"
    assert rows["RestClient.RestServiceUrl"]["source"] == "custom configuration"
    assert rows["com.mendix.storage.s3.Region"]["value"] == '"eu-west-1"'
    assert rows["com.mendix.storage.s3.Region"]["source"] == "default"
    for value in values_of():
        assert value not in done.stdout + done.stderr


def test_settings_without_files_say_so(binaries, folder):
    done = keyferry(binaries, "settings", "--app", str(EXAMPLE / "mendixapp.yaml"), "--secrets",
                    folder)
    assert done.returncode == 1
    assert "no files in" in done.stderr and "name the folder" in done.stderr


def test_an_answer_that_nobody_can_read_is_no_success(binaries):
    done = subprocess.run(["sh", "-c", '"$1" check -f "$2" >&-', "sh", binaries.keyferry,
                           str(EXAMPLE)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "could not be written" in done.stderr


def test_settings_of_a_bad_set_name_every_key(binaries, folder):
    files = write_secrets(folder, **{"storage-perform-delete": "perhaps", "database-password": ""})
    os.unlink(os.path.join(files, "storage-access-key-id"))
    done = keyferry(binaries, "settings", "--app", str(EXAMPLE / "mendixapp.yaml"), "--secrets",
                    files)
    assert done.returncode == 1
    for key in ("storage-perform-delete", "database-password", "storage-access-key-id"):
        assert key in done.stderr
