"""Runs the benchmarks and prints each figure with its ratio to a baseline of the same run.

Medians are compared; absolute times tell more about the machine than about the programs. Nothing
here fails for being slow.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tools"))

from peers import aws, azure, programs, stores  # noqa: E402

WALK_THROUGH = {
    "shop-database": {
        "database-type": "PostgreSQL", "database-username": "my-app-user-1",
        "database-password": "Welc0me!", "database-host": "pg.example.com:5432",
        "database-name": "my-app-1",
        "database-jdbc-url": "jdbc:postgresql://pg.example.com:5432/my-app-1?sslmode=prefer"},
    "shop-files": {
        "storage-service-name": "com.mendix.storage.s3", "storage-bucket-name": "subdirectory",
        "storage-endpoint": "https://my-app-bucket.s3.eu-west-1.amazonaws.com",
        "storage-access-key-id": "AKIAEXAMPLE", "storage-secret-access-key": "an-example-key",
        "storage-use-ca-certificates": "true", "storage-perform-delete": "true"},
    "shop-configuration": {"mx-admin-password": "Welc0me!", "mx-debugger-password": "Welc0me!"}}


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def commit():
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=TOP, capture_output=True,
                              text=True).stdout.strip()
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + (
        " with changes" if git("status", "--porcelain") else "")


class Report:
    """The table; a ratio beside what it is hoped to be."""

    def __init__(self):
        self.rows = []

    def add(self, what, ours, baseline, name, unit, hoped):
        ratio = ours / baseline
        self.rows.append((what, f"{ours:.4g} {unit}", f"{baseline:.4g} {unit}",
                          f"{ratio:.2f}" if ratio > 0.05 else f"{ratio:.2g}", name, hoped))

    def print(self):
        header = ("MEASURED", "OURS", "BASELINE", "RATIO", "BASELINE IS", "HOPED FOR")
        rows = [header, *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def medians(binary, **environment):
    """Google Benchmark's medians in microseconds, by name, rounds of all interleaved."""
    return {name: entry["real_time"] for name, entry in median_entries(binary, **environment).items()}


def median_entries(binary, **environment):
    """The same with all counters."""
    done = subprocess.run(
        [binary, "--benchmark_format=json", "--benchmark_repetitions=15",
         "--benchmark_min_time=0.1", "--benchmark_enable_random_interleaving=true",
         "--benchmark_report_aggregates_only=true"],
        env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{binary}: {done.stderr.strip()}")
    return {entry["run_name"].split("/iterations:")[0]: entry
            for entry in json.loads(done.stdout)["benchmarks"]
            if entry["aggregate_name"] == "median"}


def make_store(kind, binaries, folder, bao):
    if kind == "openbao":
        return stores.OpenBao(binaries, folder, bao)
    return stores.DevStore(binaries, folder)


def spc_of_15(url, folder):
    """The example's SecretProviderClass with the walk-through's 15 objects, asking this server."""
    lines = (TOP / "examples/vault/secretproviderclass.yaml").read_text().splitlines()
    kept, skipping = [], False
    for line in lines:
        if line.lstrip().startswith("- secretKey:"):
            skipping = "mx-const-" in line or "EncryptionKeys" in line
        if not skipping:
            kept.append(line)
    text = "\n".join(kept).replace("http://vault.vault.svc.cluster.local:8200", url)
    assert text.count("objectName:") == 15
    path = os.path.join(folder, "spc.yaml")
    with open(path, "w") as file:
        file.write(text + "\n")
    return path


def fill(store):
    for path, fields in WALK_THROUGH.items():
        store.write(path, fields)
    store.set_up_login([f"secret/data/{path}" for path in WALK_THROUGH])


def bench_pull(build, binaries, folder, arguments, report):
    store = make_store(arguments.store, binaries, folder, arguments.bao)
    try:
        fill(store)
        found = medians(os.path.join(build, "bench", "pull_bench"),
                        KEYFERRY_BENCH_SPC=spc_of_15(store.url, folder),
                        KEYFERRY_BENCH_TOKEN=store.token_file())
    finally:
        store.stop()
    requests = ("bare_requests", "login + 3 reads, bare libcurl")
    both = ("bare_requests_and_files", "the same and the bare system calls")
    for name, what, (baseline, words) in (
            ("asked_only", "pull of 15 objects, asked only", requests),
            ("unchanged", "pull of 15 objects, files unchanged", requests),
            ("changed", "pull of 15 objects, files written anew", both)):
        report.add(f"{what} ({store.name})", found[f"pull/{name}"], found[baseline], words, "µs",
                   "≤ 1.25")


TWENTY = [f"shop-{number}" for number in range(20)]


def class_of(folder, provider, parameters):
    path = os.path.join(folder, f"{provider}.json")
    with open(path, "w") as file:
        json.dump({"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
                   "metadata": {"name": "shop", "namespace": "web"},
                   "spec": {"provider": provider, "parameters": parameters}}, file)
    return path


def vault_of_20(binaries, folder):
    store = stores.DevStore(binaries, folder)
    for name in TWENTY:
        store.write(name, {"value": f"value of {name}"})
    store.set_up_login(["secret/data/*"])
    objects = [{"objectName": name, "secretPath": f"secret/data/{name}", "secretKey": "value"}
               for name in TWENTY]
    return store, stores.AUDIENCE, class_of(folder, "vault", {
        "vaultAddress": store.url, "roleName": stores.ROLE, "objects": json.dumps(objects)}), ""


def aws_of_20(binaries, folder):
    store = aws.AwsDevStore(binaries, folder, seed={"secrets": {name: "value" for name in TWENTY}})
    store.seed(roles={aws.ROLE: {"trust": aws.trust_of(), "policies": {
        "read": aws.policy_of(["secretsmanager:*"])}}})
    objects = [{"objectName": name, "objectType": "secretsmanager"} for name in TWENTY]
    return store, aws.AUDIENCE, class_of(folder, "aws", {
        "region": aws.REGION, "endpointUrl": store.url, "objects": json.dumps(objects)}), ""


def azure_of_20(binaries, folder):
    store = azure.AzureDevStore(binaries, folder)
    for name in TWENTY:
        store.set_secret(name, f"value of {name}")
    objects = [json.dumps({"objectName": name, "objectType": "secret"}) for name in TWENTY]
    return store, azure.AUDIENCE, class_of(folder, "azure", {
        "keyvaultName": azure.VAULT, "tenantID": azure.TENANT, "clientID": azure.CLIENT,
        "objects": json.dumps({"array": objects}), **store.parameters()}), store.ca_file


def bench_store(build, binaries, folder, arguments, report):
    for provider, make in (("vault", vault_of_20), ("aws", aws_of_20), ("azure", azure_of_20)):
        own = os.path.join(folder, provider)
        os.mkdir(own)
        store, audience, spc, authority = make(binaries, own)
        try:
            found = median_entries(os.path.join(build, "bench", "store_bench"),
                                   KEYFERRY_BENCH_SPC=spc, KEYFERRY_BENCH_AUDIENCE=audience,
                                   KEYFERRY_BENCH_CA=authority,
                                   KEYFERRY_BENCH_TOKEN=store.token_file())
        finally:
            store.stop()
        asked = found["fetch"]["real_time"]
        report.add(f"fetch of 20 objects, new identity ({provider})", asked,
                   found["bare_requests"]["real_time"], "the requests it sent, bare libcurl", "µs",
                   "≤ 1.25")
        mounts = found["mounts_at_once"]
        report.add(f"300 mounts of one identity at once: requests ({provider})",
                   mounts["requests"], mounts["for_one"], "the same for one mount", "", "1")
        held = found["refresh_held"]
        if held["requests"] == 0:
            report.add(f"a refresh decided from 20 held versions ({provider})", held["real_time"],
                       asked, "the fetch that asks the store", "µs", "≤ 200 µs")


def bench_fetch(build, binaries, folder, arguments, report):
    """Counted at the dev store, whatever --store says: others do not count."""
    store = stores.DevStore(binaries, folder)

    def run(*words):
        done = subprocess.run(
            [os.path.join(build, "bench", "fetch_bench"), *words], capture_output=True, text=True,
            env={**os.environ, "KEYFERRY_BENCH_SPC": spc_of_15(store.url, folder),
                 "KEYFERRY_BENCH_TOKEN": store.token_file()}, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def requests_of(mounts):
        store.forget_requests()
        run("mounts", str(mounts))
        return len(store.requests())
    try:
        fill(store)
        report.add("300 mounts of one identity at once: requests at the store", requests_of(300),
                   requests_of(1), "the same for one mount", "", "1")
        found = run("refreshes", "300")
        report.add("a refresh answered from the set that is held", statistics.median(found["held"]),
                   statistics.median(found["asked"]), "a refresh that asks the store", "µs",
                   "≤ 200 µs")
    finally:
        store.stop()


def bench_volume(build, binaries, folder, arguments, report):
    found = medians(os.path.join(build, "bench", "volume_bench"))
    report.add("atomic write of 15 files", found["write_all/changed"], found["bare_calls"],
               "the bare system calls", "µs", "≤ 2")
    report.add("atomic write, nothing changed", found["write_all/unchanged"], found["bare_calls"],
               "the bare system calls", "µs", "")


def bench_sidecar(build, binaries, folder, arguments, report):
    done = subprocess.run([os.path.join(build, "bench", "sidecar_bench"), binaries.sidecar,
                           str(TOP / "examples/vault/mendixapp.yaml")],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    figures = json.loads(done.stdout)

    def median_ms(name):
        return statistics.median(figures[name]) / 1000
    report.add("sidecar: exec to first admin call", median_ms("exec_to_first_call"),
               median_ms("exec_version"), "exec of the same program with --version", "ms",
               "≤ 50 ms")
    report.add("sidecar: files changed to call received", median_ms("rotation"),
               median_ms("rotation_bare"), "inotify and one bare libcurl call", "ms", "≤ 10 ms")
    report.add("sidecar: private memory after rotations", figures["private_kib"] / 1024,
               figures["private_kib_bare"] / 1024, "a process with libcurl after one call", "MiB",
               "≤ 4 MiB")


# Each is read once and asked of a document of 2 KiB.
EXPRESSIONS = ("a.b[?c=='x'].d | [0]", "a.b[*].d.e", "sort_by(a.b, &n)[-1].{name: c, port: d.f}",
               "a.b[?n > `10` && contains(c, 'k')].[c, n] | [0]")


def document_of_2_kib():
    """An object of 39 things, the one that is looked for among the last."""
    things = [{"c": "x" if i == 30 else f"key-{i}", "n": (i * 7) % 39,
               "d": {"e": f"value-{i}", "f": 5432 + i}} for i in range(39)]
    text = json.dumps({"a": {"b": things}}, separators=(",", ":"))
    assert 1900 < len(text) < 2200
    return text


def python_figures(arguments, script, *files):
    done = subprocess.run([arguments.python, "-B", TOP / "bench" / script, *files],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return json.loads(done.stdout)


def bench_sigv4(build, binaries, folder, arguments, report):
    report.add("sigv4: a request signed", medians(os.path.join(build, "bench", "sigv4_bench"))["sign"],
               python_figures(arguments, "sigv4_baseline.py")["sign"], "botocore", "µs", "≤ 10 µs")


def bench_jmespath(build, binaries, folder, arguments, report):
    files = [os.path.join(folder, name) for name in ("document.json", "expressions")]
    for path, text in zip(files, (document_of_2_kib(), "\n".join(EXPRESSIONS))):
        with open(path, "w") as file:
            file.write(text)
    found = medians(os.path.join(build, "bench", "jmespath_bench"),
                    KEYFERRY_BENCH_DOCUMENT=files[0], KEYFERRY_BENCH_EXPRESSIONS=files[1])
    for name, baseline in python_figures(arguments, "jmespath_baseline.py", *files).items():
        report.add(f"jmespath: {name}", found[name], baseline, "jmespath.py", "µs",
                   "≤ 5 µs" if name == "search " + EXPRESSIONS[0] else "")


BENCHES = {"pull": bench_pull, "store": bench_store, "fetch": bench_fetch, "volume": bench_volume,
           "sidecar": bench_sidecar, "sigv4": bench_sigv4,
           "jmespath": bench_jmespath}


def main():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(BENCHES))
    parser.add_argument("--store", choices=("dev", "openbao"), default="dev",
                        help="the server that is asked: our own double, or a real OpenBao")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bao", help=argparse.SUPPRESS)
    parser.add_argument("--python", help=argparse.SUPPRESS)  # one that has jmespath.py
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"{', '.join(unknown)}: there are {', '.join(BENCHES)}")
    binaries = programs.Binaries(os.path.join(arguments.build, "bin"))
    report = Report()
    print(f"machine  {machine()}\ncommit   {commit()}\n"
          "method   medians; baseline and ours take turns in one run; release build", flush=True)
    for name in arguments.names or BENCHES:
        folder = tempfile.mkdtemp(prefix="keyferry-bench-", dir="/dev/shm")
        try:
            print(f"running  {name}", file=sys.stderr, flush=True)
            BENCHES[name](arguments.build, binaries, folder, arguments, report)
        except RuntimeError as problem:
            print(f"bench {name} failed: {problem}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    report.print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
