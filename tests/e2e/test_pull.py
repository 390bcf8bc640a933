"""keyferry pull against real servers: whole sets, refusals with their remedy, the last good set."""
import json
import os
import shutil
import signal
import stat
import subprocess
import time

import hvac
import pytest
from conftest import SECRETS, manifests_for, seed, values_of
from peers import http, programs, stores
from peers.process import Program, wait_until


def pull(binaries, manifests, out, token_file, *arguments):
    return programs.run([binaries.keyferry, "pull", "-f", manifests, "--out", out,
                         "--token-file", f"vault={token_file}", *arguments])


def contents(out):
    return {name: open(os.path.join(out, name)).read()
            for name in os.listdir(out) if not name.startswith("..")}


def test_the_files_are_what_hvac_reads_from_openbao(binaries, seeded_bao, folder):
    out = os.path.join(folder, "out")
    done = pull(binaries, manifests_for(seeded_bao, folder), out, seeded_bao.token_file())
    assert done.returncode == 0, done.stderr
    client = hvac.Client(url=seeded_bao.url, token=seeded_bao.root_token)
    expected = {}
    for path in SECRETS:
        expected |= client.secrets.kv.v2.read_secret_version(
            path=path, raise_on_deleted_version=True)["data"]["data"]
    keys = expected.pop("com.mendix.storage.s3.EncryptionKeys")
    expected["mx-runtime-com.mendix.storage.s3.EncryptionKeys"] = keys
    assert contents(out) == expected


def test_the_layout_is_that_of_a_kubernetes_volume(binaries, seeded_bao, folder):
    out = os.path.join(folder, "out")
    manifests = manifests_for(seeded_bao, folder)
    assert pull(binaries, manifests, out, seeded_bao.token_file()).returncode == 0
    data = os.readlink(os.path.join(out, "..data"))
    assert data.startswith("..20") and os.path.isdir(os.path.join(out, data))
    assert os.readlink(os.path.join(out, "database-type")) == "..data/database-type"
    mode = os.stat(os.path.join(out, "database-password")).st_mode
    assert stat.S_IMODE(mode) == 0o644
    again = pull(binaries, manifests, out, seeded_bao.token_file())
    assert again.returncode == 0 and "unchanged" in again.stdout
    assert os.readlink(os.path.join(out, "..data")) == data, "unchanged content touches nothing"


@pytest.mark.parametrize("change, words", [
    (lambda p: p.update(roleName="nobody"), "nobody"),
    (lambda p: p.update(audience="other"), "--token-file other=PATH"),
    (lambda p: p.update(vaultAuthMountPath="nowhere"), "login method 'nowhere'"),
    (lambda p: p.update(vaultNamespace="team-x"), "vaultNamespace"),
    (lambda p: p.update(objects=p["objects"].replace("secret/data/shop-files", "secret/shop-files")),
     "secret/data/shop-files"),
    (lambda p: p.update(objects=p["objects"].replace("data/shop-files", "data/private")),
     'path "secret/data/private" { capabilities = ["read"] }'),
    (lambda p: p.update(objects=p["objects"].replace('secretKey: "database-type"',
                                                     'secretKey: "databse-type"')),
     "keys there: database-host"),
    (lambda p: p.update(vaultAddress="http://127.0.0.1:1"), "127.0.0.1:1"),
    (lambda p: p.update(vaultAdress="x"), "did you mean 'vaultAddress'?"),
])
def test_openbao_refusals_say_what_to_do_and_write_nothing(binaries, seeded_bao, folder, change,
                                                           words):
    out = os.path.join(folder, "out")
    done = pull(binaries, manifests_for(seeded_bao, folder, change), out, seeded_bao.token_file(),
                "--timeout", "2s")
    assert done.returncode == 1
    assert words in done.stderr
    assert not os.path.exists(out) or os.listdir(out) == []
    for value in values_of():
        assert value not in done.stderr + done.stdout


def test_another_service_account_is_refused(binaries, seeded_bao, folder):
    token = seeded_bao.token_file(account="stranger")
    done = pull(binaries, manifests_for(seeded_bao, folder), os.path.join(folder, "out"), token)
    assert done.returncode == 1 and "is bound to this service account" in done.stderr


@pytest.mark.parametrize("fault, words", [
    ({"status": 403}, "give a policy"),
    ({"status": 404}, "nothing is there"),
    ({"status": 500}, "look at the log"),
    ({"status": 429, "retry_after": 60}, "raise the quota"),
    ({"kind": "garbage"}, "is not JSON"),
    ({"kind": "cut"}, "vaultAddress names it"),
    ({"kind": "cut_headers"}, "vaultAddress names it"),
    ({"kind": "close"}, "vaultAddress names it"),
    ({"delay_ms": 5000}, "vaultAddress names it"),
])
def test_faults_leave_the_last_good_set(binaries, dev_store, folder, fault, words):
    seed(dev_store)
    out, manifests = os.path.join(folder, "out"), manifests_for(dev_store, folder)
    token = dev_store.token_file()
    assert pull(binaries, manifests, out, token).returncode == 0
    before = contents(out)
    dev_store.update("shop-database", **{"database-password": "pw-two!"})
    dev_store.fault(path="/v1/secret/data/shop-files", times=0, **fault)
    done = pull(binaries, manifests, out, token, "--timeout", "2s")
    assert done.returncode == 1
    assert words in done.stderr
    assert contents(out) == before, "never a part of a set"
    dev_store.no_faults()
    assert pull(binaries, manifests, out, token).returncode == 0
    assert contents(out)["database-password"] == "pw-two!"


def test_a_sealed_store_is_named_and_waited_for(binaries, dev_store, folder):
    seed(dev_store)
    out, manifests = os.path.join(folder, "out"), manifests_for(dev_store, folder)
    watcher = Program([binaries.keyferry, "pull", "-f", manifests, "--out", out, "--watch", "50ms",
                       "--timeout", "300ms", "--token-file", f"vault={dev_store.token_file()}"])
    try:
        watcher.wait_for_line("set written")
        dev_store.call("PUT", "sys/seal")
        watcher.wait_for_line("unseal the server")
        assert contents(out)["database-password"] == "pw-one!"
        http.must("PUT", f"{dev_store.url}/v1/sys/unseal", {"key": "any"})
        dev_store.update("shop-database", **{"database-password": "pw-two!"})
        wait_until(lambda: contents(out)["database-password"] == "pw-two!", "the new password")
        assert watcher.running()
    finally:
        watcher.stop()


def test_a_sealed_openbao_is_named_and_waited_for(binaries, bao_program, folder):
    server = stores.SealableBao(binaries, folder, bao_program)
    out = os.path.join(folder, "out")
    try:
        seed(server)
        manifests = manifests_for(server, folder)
        program = Program([binaries.keyferry, "pull", "-f", manifests, "--out", out, "--token-file",
                           f"vault={server.token_file()}", "--watch", "100ms", "--timeout", "2s"])
        try:
            program.wait_for_line("set written")
            before = contents(out)
            server.seal()
            program.wait_for_line("pull failed")
            assert f"unseal the server at {server.url}" in program.output
            refused = pull(binaries, manifests, os.path.join(folder, "new"), server.token_file(),
                           "--timeout", "2s")
            assert refused.returncode == 1 and "unseal the server" in refused.stderr
            assert contents(out) == before
            server.unseal()
            server.update("shop-database", **{"database-password": "pw-two!"})
            wait_until(lambda: contents(out)["database-password"] == "pw-two!", "the new password")
        finally:
            program.stop()
    finally:
        server.stop()


def test_a_live_check_judges_the_values_too(binaries, dev_store, folder):
    """It was green for values that the sidecar then refused."""
    seed(dev_store)
    manifests = manifests_for(dev_store, folder)
    check = [binaries.keyferry, "check", "-f", manifests, "--live", "--output", "json",
             "--token-file", f"vault={dev_store.token_file()}"]
    assert programs.run(check).returncode == 0
    dev_store.update("shop-database", **{"database-type": "mongodb"})
    dev_store.update("shop-files", **{"storage-perform-delete": "perhaps"})
    done = programs.run(check)
    assert done.returncode == 1
    problems = {p["field"]: p for p in json.loads(done.stdout)["problems"]}
    for key in ("database-type", "storage-perform-delete"):
        problem = problems[f"object '{key}'"]
        assert problem["line"] > 1 and problem["remedy"] and "SecretProviderClass" in problem["object"]
    for value in values_of():
        assert value not in done.stdout + done.stderr


def test_three_paths_and_a_login_are_all_that_is_asked(binaries, dev_store, folder):
    seed(dev_store)
    dev_store.forget_requests()
    out = os.path.join(folder, "out")
    assert pull(binaries, manifests_for(dev_store, folder), out,
                dev_store.token_file()).returncode == 0
    asked = [(entry["method"], entry["path"]) for entry in dev_store.requests()]
    assert asked == [("POST", "/v1/auth/kubernetes/login"), ("GET", "/v1/secret/data/shop-database"),
                     ("GET", "/v1/secret/data/shop-files"),
                     ("GET", "/v1/secret/data/shop-configuration")]


def test_a_watching_pull_ends_at_once(binaries, dev_store, folder):
    seed(dev_store)
    watcher = Program([binaries.keyferry, "pull", "-f", manifests_for(dev_store, folder), "--out",
                       os.path.join(folder, "out"), "--watch", "1h",
                       "--token-file", f"vault={dev_store.token_file()}"])
    watcher.wait_for_line("set written")
    began = time.monotonic()
    watcher.signal(signal.SIGTERM)
    assert watcher.wait() == 0
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name, words", [("../evil", ".."), ("/etc/x", "relative"),
                                         ("..data", "..data")])
def test_paths_that_lead_out_are_refused(binaries, dev_store, folder, name, words):
    seed(dev_store)
    dev_store.forget_requests()
    manifests = manifests_for(dev_store, folder, lambda p: p.update(
        objects=p["objects"].replace('objectName: "database-type"', f'objectName: "{name}"')))
    out = os.path.join(folder, "out")
    done = pull(binaries, manifests, out, dev_store.token_file())
    assert done.returncode == 1 and words in done.stderr
    assert "secretproviderclass.yaml:" in done.stderr and "].objectName" in done.stderr
    assert not os.path.exists(out) and dev_store.requests() == []


def test_what_is_wrong_with_a_class_is_said_before_the_store_is_asked(binaries, dev_store, folder):
    """Warnings were once seen by check alone, and errors named file and object twice."""
    seed(dev_store)
    out, token = os.path.join(folder, "out"), dev_store.token_file()
    manifests = manifests_for(dev_store, folder, lambda p: p.update(frobnicate="1"))
    done = pull(binaries, manifests, out, token)
    assert done.returncode == 0 and "spec.parameters.frobnicate" in done.stderr
    shutil.rmtree(manifests)
    dev_store.forget_requests()
    manifests = manifests_for(dev_store, folder, lambda p: p.update(roleName=""))
    done = pull(binaries, manifests, out, token)
    assert done.returncode == 1 and done.stderr.count("roleName") == 1
    assert dev_store.requests() == []


def test_five_mebibytes_are_too_much(binaries, dev_store, folder):
    seed(dev_store)
    dev_store.update("shop-files", **{"storage-bucket-name": "x" * (1 << 19)})
    out, manifests = os.path.join(folder, "out"), manifests_for(dev_store, folder)
    assert pull(binaries, manifests, out, dev_store.token_file()).returncode == 0
    dev_store.update("shop-files", **{"storage-bucket-name": "x" * (5 << 20)})
    done = pull(binaries, manifests, out, dev_store.token_file())
    assert done.returncode == 1 and "storage-bucket-name" in done.stderr
    assert len(contents(out)["storage-bucket-name"]) == 1 << 19


def test_a_store_nobody_knows_is_named_with_its_line(binaries, dev_store, folder):
    manifests = manifests_for(dev_store, folder)
    path = os.path.join(manifests, "secretproviderclass.yaml")
    text = open(path).read()
    with open(path, "w") as file:
        file.write(text.replace("provider: vault", "provider: valt"))
    done = pull(binaries, manifests, os.path.join(folder, "out"), "/nowhere")
    assert done.returncode == 1
    assert "secretproviderclass.yaml:" in done.stderr and "did you mean 'vault'?" in done.stderr


def test_a_watching_pull_says_warnings_as_events(binaries, dev_store, folder):
    """They were once plain text in the middle of a JSON log."""
    seed(dev_store)
    watcher = Program([binaries.keyferry, "pull", "-f",
                       manifests_for(dev_store, folder, lambda p: p.update(frobnicate="1")),
                       "--out", os.path.join(folder, "out"), "--watch", "1h", "--log-format",
                       "json", "--token-file", f"vault={dev_store.token_file()}"])
    try:
        event = json.loads(watcher.wait_for_line("frobnicate"))
        assert event["level"] == "warning" and event["line"] > 0 and event["remedy"] == "remove it"
    finally:
        watcher.stop()


def test_an_encoding_that_does_not_fit_is_named_with_its_remedy(binaries, dev_store, folder):
    seed(dev_store)
    manifests = manifests_for(dev_store, folder, lambda p: p.update(
        objects=p["objects"].replace('secretKey: "database-type"',
                                     'secretKey: "database-type"\n  encoding: hex')))
    done = pull(binaries, manifests, os.path.join(folder, "out"), dev_store.token_file())
    assert done.returncode == 1
    assert "database-type" in done.stderr and "store it as hex" in done.stderr


def test_a_token_file_that_is_not_there_says_what_to_write(binaries, dev_store, folder):
    done = pull(binaries, manifests_for(dev_store, folder), os.path.join(folder, "out"), "/nowhere")
    assert done.returncode == 1
    assert "/nowhere" in done.stderr and "write the service account's token there" in done.stderr


def test_an_out_that_is_a_file_or_on_a_disk_is_refused_and_nothing_is_made(binaries, dev_store,
                                                                           folder):
    manifests = manifests_for(dev_store, folder)
    path = os.path.join(folder, "file")
    open(path, "w").close()
    done = pull(binaries, manifests, path, "/nowhere")
    assert done.returncode == 1 and "--out" in done.stderr and "name a folder" in done.stderr
    done = pull(binaries, manifests, "/proc/self/new", "/nowhere")
    assert done.returncode == 1 and "--allow-disk" in done.stderr


def test_an_out_inside_a_set_is_refused(binaries, dev_store, folder):
    seed(dev_store)
    manifest, token = manifests_for(dev_store, folder), dev_store.token_file()
    out = os.path.join(folder, "out")
    assert pull(binaries, manifest, out, token).returncode == 0
    before = sorted(os.listdir(out))
    for inside in ("..data", os.readlink(os.path.join(out, "..data")), "..data/below"):
        refused = pull(binaries, manifest, os.path.join(out, inside), token)
        assert refused.returncode == 1 and "lies inside a set" in refused.stderr, inside
    assert sorted(os.listdir(out)) == before


def test_an_interrupt_ends_a_pull_that_waits_for_its_manifests(binaries):
    program = subprocess.Popen([binaries.keyferry, "pull", "-f", "-", "--out", "/dev/shm/none"],
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: "anon_pipe_read" in open(f"/proc/{program.pid}/wchan").read()
               or "pipe_read" in open(f"/proc/{program.pid}/wchan").read(), "pull: reading")
    program.send_signal(signal.SIGINT)
    assert program.wait(10) == -signal.SIGINT
    program.stdin.close()
    program.stderr.close()


def test_a_disk_is_refused(binaries, dev_store, folder):
    """/proc is no memory either, and is the same on every machine."""
    seed(dev_store)
    done = pull(binaries, manifests_for(dev_store, folder), "/proc/self", dev_store.token_file())
    assert done.returncode == 1
    assert "is not in memory" in done.stderr and "--allow-disk" in done.stderr
