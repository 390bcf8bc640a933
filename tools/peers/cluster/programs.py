"""The programs of a cluster: compiled once from tests/cluster/programs, kept outside the tree.

A build takes 6 to 9 minutes on two cores. What was compiled so far survives an interrupted one; only the
programs (about 220 MB) are kept in the end.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

from ..process import die_with_parent
from .toolchain import toolchain

SOURCES = pathlib.Path(__file__).resolve().parents[3] / "tests" / "cluster" / "programs"
PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubectl")
# (module of SOURCES, package, program)
BUILDS = (("kubernetes", ".", "kubernetes"),
          ("kubernetes", "helm.sh/helm/v3/cmd/helm", "helm"),
          ("csi-sanity", "github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity", "csi-sanity"))
COMPILER_FLAGS = "all=-dwarf=false"  # no debug information: faster, and half the size
SAY_EVERY = 30  # seconds


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "keyferry" / "cluster"


def stamp_of(go_version):
    """Changes with every input of the build."""
    flags = [COMPILER_FLAGS, *(link_flags(module) for module, _, _ in BUILDS)]
    digest = hashlib.sha256(repr((go_version, BUILDS, PARTS, flags)).encode())
    for path in sorted(path for path in SOURCES.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


class Programs:
    """Where they are: programs["kubectl"] is a path."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not (self.folder / "kubernetes").exists():
            raise RuntimeError(f"{self.folder} has no Kubernetes: tools/cluster build")

    def __getitem__(self, name):
        return str(self.folder / name)


def go_toolchain():
    """(go program, its version), one that is new enough."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "toolchain.lock", "a Go toolchain", lambda: "being fetched"):
        return toolchain(cache)


def built_programs():
    """The programs of this tree; builds them first if need be, or waits for who is building them."""
    go, version = go_toolchain()
    cache = cache_folder()
    progress = cache / "progress"
    folder = cache / stamp_of(version)
    with _locked(cache / "lock", "Kubernetes",
                 lambda: progress.read_text() if progress.exists() else "just begun"):
        if not folder.exists():
            _Build(go, cache / "work", progress).run(folder)
    return Programs(folder)


@contextlib.contextmanager
def _locked(path, what, how_far):
    """One at a time on a machine; who waits says how far the other is."""
    with open(path, "w") as file:
        said = time.monotonic()
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - said > SAY_EVERY:
                    said = time.monotonic()
                    say(f"waiting for {what}: {how_far()}")
                time.sleep(0.2)
        yield


class _Build:
    def __init__(self, go, work, progress):
        self._go, self._work, self._progress = go, work, progress
        self._out = work / "out"
        self._environment = {
            **os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off",
            "GO111MODULE": "on", "GOFLAGS": "-modcacherw -trimpath -buildvcs=false",
            "GOCACHE": str(work / "compiled"), "GOMODCACHE": str(work / "modules")}

    def run(self, folder):
        began = time.monotonic()
        say(f"building Kubernetes, once for this machine, into {folder} (6 to 9 minutes)")
        shutil.rmtree(self._out, ignore_errors=True)
        self._out.mkdir(parents=True)
        packages = [self._packages(module, package) for module, package, _ in BUILDS]
        total = len(set().union(*packages))
        self._compiled = 0
        for module, package, program in BUILDS:
            self._compile(module, package, program, total)
        for part in PARTS:
            (self._out / part).symlink_to("kubernetes")
        self._out.rename(folder)
        shutil.rmtree(self._work)
        self._progress.unlink(missing_ok=True)
        say(f"Kubernetes is built, after {time.monotonic() - began:.0f} s")

    def _run(self, module, *arguments, **options):
        return subprocess.Popen([self._go, *arguments], cwd=SOURCES / module, text=True,
                                env=self._environment, stderr=subprocess.PIPE,
                                preexec_fn=die_with_parent, **options)

    def _packages(self, module, package):
        """What a program is made of; downloads it."""
        process = self._run(module, "list", "-deps", package, stdout=subprocess.PIPE)
        listed, errors = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{module}: modules could not be fetched:\n{errors}")
        return listed.split()

    def _compile(self, module, package, program, total):
        process = self._run(module, "build", "-v", f"-gcflags={COMPILER_FLAGS}", "-ldflags",
                            link_flags(module), "-o", str(self._out / program), package,
                            stdout=subprocess.DEVNULL)
        lines = []
        done = threading.Event()
        teller = threading.Thread(target=self._tell, args=(program, total, lines, done))
        teller.start()
        try:
            lines.extend(iter(process.stderr.readline, ""))
            status = process.wait()
        finally:
            process.kill()
            done.set()
            teller.join()
        self._compiled += len(lines)
        if status != 0:
            raise RuntimeError(f"{program} could not be built:\n{''.join(lines[-40:])}")

    def _tell(self, program, total, lines, done):
        """go build says one line for each package that it compiles."""
        while not done.wait(SAY_EVERY):
            far = f"{program}, {self._compiled + len(lines)} of {total} packages"
            self._progress.write_text(far)
            say(far)


def link_flags(module):
    """The version in the program: without it the server calls itself v0.0.0, helm renders for 1.20, and
    charts that want a version are refused."""
    go_mod = (SOURCES / module / "go.mod").read_text()
    found = re.search(r"k8s\.io/kubernetes v(\d+)\.(\d+)\.(\S+)", go_mod)
    if not found:
        return "-s -w"
    major, minor, patch = found.groups()
    values = {"gitVersion": f"v{major}.{minor}.{patch}", "gitMajor": major, "gitMinor": minor,
              "gitTreeState": "clean"}
    names = [f"{package}.{name}={value}" for name, value in values.items()
             for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")]
    names += [f"helm.sh/helm/v3/pkg/{package}.k8sVersion{name}={value}"
              for package in ("chartutil", "lint/rules")
              for name, value in (("Major", major), ("Minor", minor))]
    return "-s -w " + " ".join(f"-X {name}" for name in names)
