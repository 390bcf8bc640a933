"""A Go toolchain that is new enough for the tests' peers: the one on PATH, or one fetched as a Go module."""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess

NEEDED = (1, 25)  # of versitygw in tests/go-programs.txt; Kubernetes wants 1.24
FETCHED = "1.26.8"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def version_of(go):
    """"1.26.8" of a go program."""
    text = subprocess.run([go, "version"], check=True, capture_output=True, text=True,
                          env={**os.environ, "GOTOOLCHAIN": "local"}).stdout
    return re.search(r"go version go(\S+)", text)[1]


def is_new_enough(version):
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2]) >= NEEDED


def toolchain(folder):
    """(go program, its version); fetched into the folder when PATH has none that is new enough."""
    go = shutil.which("go")
    if not go:
        raise RuntimeError("there is no go program on PATH: apt-get install golang-go")
    version = version_of(go)
    if is_new_enough(version):
        return go, version
    home = pathlib.Path(folder) / f"go-{FETCHED}"
    if not home.exists():
        _fetch(go, home)
    return str(home / "bin" / "go"), FETCHED


def _fetch(go, home):
    """Debian's Go 1.19 cannot change toolchains, but a toolchain is a module that it can download."""
    work = home.with_name(home.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "go.mod").write_text("module toolchain\n")
    module = f"golang.org/toolchain@v0.0.1-go{FETCHED}.linux-{_ARCHITECTURES[platform.machine()]}"
    done = subprocess.run([go, "mod", "download", "-json", module], cwd=work, check=False,
                          capture_output=True, text=True,
                          env={**os.environ, "GOFLAGS": "-modcacherw", "GO111MODULE": "on",
                               "GOMODCACHE": str(work / "modules")})
    if done.returncode != 0:
        raise RuntimeError(f"{module} could not be fetched: {done.stderr}{done.stdout}")
    unpacked = pathlib.Path(json.loads(done.stdout)["Dir"])
    _make_executable(unpacked)
    unpacked.rename(home)
    shutil.rmtree(work)


def _make_executable(home):
    """A module's files carry no modes."""
    for folder in (home / "bin", home / "pkg" / "tool"):
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(0o755)
