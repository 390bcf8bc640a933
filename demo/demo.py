"""Keyferry's main job, shown from end to end on this machine.

A store is filled, the manifests are checked, the secrets are pulled onto a tmpfs, a sidecar starts a
stand-in runtime that really connects to a PostgreSQL, and secrets are rotated under it. Exit status
0 means that every step ended as it said it would.
"""
import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TOP, "tools"))

from peers import programs  # noqa: E402
from peers.postgres import Postgres  # noqa: E402
from peers.process import INTERRUPTS, Program, interrupts_held, wait_until  # noqa: E402
from walks import WALKS  # noqa: E402

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(text, code):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


class Failed(Exception):
    """A step ended otherwise than it should have."""


class Teller:
    """Says what is done and what came of it; counts the steps."""

    def __init__(self, steps):
        self._steps, self._now, self._began = steps, 0, time.monotonic()

    def step(self, text):
        self._now += 1
        print(f"\n{paint(f'[{self._now}/{self._steps}] {text}', '1')}", flush=True)

    def say(self, text):
        print(f"      {text}", flush=True)

    def quote(self, text):
        for line in text.splitlines():
            print(paint(f"      | {line}", "2"), flush=True)

    def good(self, text):
        print(f"  {paint('ok', '32')}  {text}", flush=True)

    def expect(self, condition, text):
        if not condition:
            raise Failed(text)
        self.good(text)

    def seconds(self):
        return time.monotonic() - self._began


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Demo:
    """The parts, in the order they are started; stop() ends them in reverse."""

    def __init__(self, arguments, teller, stack):
        self.tell, self._stack, self._arguments = teller, stack, arguments
        self.binaries = programs.Binaries(arguments.binaries)
        with interrupts_held():
            self.folder = tempfile.mkdtemp(prefix="keyferry-demo-", dir="/dev/shm")
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o711)
        self.manifests = os.path.join(self.folder, "manifests")
        self.out = os.path.join(self.folder, "secrets")

    def _keep(self, part):
        self._stack.callback(part.stop)
        return part

    # 1 ------------------------------------------------------------------------------------------
    def start_store(self):
        walk, name = WALKS[self._arguments.store]
        self.tell.step(f"a secret store ({name}) and the app's database (PostgreSQL), on loopback")
        with interrupts_held():  # one between its start and its place in the list left it running
            self.postgres = self._keep(Postgres(os.path.join(self.folder, "postgres")))
        self.postgres.make_user("my-app-user-1", "Welc0me!")
        self.postgres.make_database("my-app-1", "my-app-user-1")
        self.walk = walk(self.binaries, self.folder, self._arguments)
        self._keep(self.walk.store)
        host = f"127.0.0.1:{self.postgres.port}"
        self.walk.seed(host)
        self.tell.good(f"store at {self.walk.store.url}, PostgreSQL at {host}")
        self.tell.good(self.walk.seeded)

    # 2 ------------------------------------------------------------------------------------------
    def check(self):
        self.tell.step("keyferry check: before anything is applied")
        example = os.path.relpath(self.walk.example, TOP)
        shutil.copytree(self.walk.example, self.manifests,
                        ignore=shutil.ignore_patterns("mistakes"))
        self.identity = self.walk.prepare(self.manifests)
        green = programs.run([self.binaries.keyferry, "check", "-f", self.manifests, "--live",
                              *self.identity])
        self.tell.quote(green.stdout + green.stderr)
        self.tell.expect(green.returncode == 0, f"{example} is good, and the store agrees")
        red = programs.run([self.binaries.keyferry, "check", "-f",
                            os.path.join(self.walk.example, "mistakes")])
        self.tell.quote(red.stderr)
        for mistake, words in self.walk.mistakes.items():
            self.tell.expect(words in red.stderr, f"named with its remedy: {mistake}")
        self.tell.expect(red.returncode == 1, f"{example}/mistakes is refused (exit 1)")

    # 3 ------------------------------------------------------------------------------------------
    def start_app(self):
        self.tell.step("keyferry pull --watch, keyferry-sidecar and the stand-in runtime")
        self.pull = self._keep(Program([
            self.binaries.keyferry, "pull", "-f", self.manifests, "--out", self.out, "--watch",
            "200ms", *self.identity], name="keyferry pull"))
        self.pull.wait_for_line("set written")
        data = os.readlink(os.path.join(self.out, "..data"))
        files = sorted(name for name in os.listdir(self.out) if not name.startswith(".."))
        self.tell.expect(len(files) == self.walk.files,
                         f"{len(files)} files on a tmpfs, all behind ..data -> {data}")
        self.runtime = self._keep(programs.Runtime(self.binaries, self.folder, "--ddl", "3"))
        self.app_file = os.path.join(self.manifests, "mendixapp.yaml")
        self.sidecar = self._keep(programs.Sidecar(self.binaries, self.app_file, self.out,
                                                   self.runtime))
        self.sidecar.wait_running()
        self.tell.good("the sidecar configured the runtime, ran 3 database changes, started it")
        counts = self._more_connections(6)
        self.tell.expect(counts["failed"] == 0, f"it opens connections to PostgreSQL "
                         f"({counts['opened']} so far, 0 failed)")
        self.runtime_pid = self.runtime.pid

    # 4 ------------------------------------------------------------------------------------------
    def show_settings(self):
        self.tell.step("keyferry settings: what the runtime has, and where each value came from")
        shown = programs.run([self.binaries.keyferry, "settings", "--app", self.app_file,
                              "--secrets", self.out])
        self.tell.quote(shown.stdout + shown.stderr)
        for source in ("store", "MendixApp", "custom configuration", "default"):
            self.tell.expect(f"  {source}  " in shown.stdout, f"some come from: {source}")
        self.tell.expect(not any(value in shown.stdout + shown.stderr for value in self.walk.hidden),
                         "no secret value is shown")

    # 5 ------------------------------------------------------------------------------------------
    def rotate(self):
        self.tell.step("rotation in the store: what is live, what needs a restart")
        starts = self.runtime.stats()["starts"]
        self._rotate_database_password()
        self._rotate_admin_password()
        self._rotate_constant()
        self.tell.expect(self.runtime.program.running() and self.runtime.pid == self.runtime_pid
                         and self.runtime.stats()["starts"] == starts,
                         f"the runtime is still process {self.runtime_pid}, not started again")
        self.tell.expect(self.pull.running() and self.sidecar.program.running(),
                         "so are the puller and the sidecar")

    def _store_to_runtime(self, file, value, reached, what):
        began = time.monotonic()
        self.walk.update(file, value)
        wait_until(reached, what, pause=0.002)
        self.tell.good(f"{what}: applied live {1000 * (time.monotonic() - began):.0f} ms after "
                       "the store had it (the store is asked every 200 ms)")

    def _rotate_database_password(self):
        self.postgres.set_password("my-app-user-1", "Rotated-1!")
        wanted = sha256("Rotated-1!")
        self._store_to_runtime(
            "database-password", "Rotated-1!",
            lambda: self.runtime.stats()["live_sha256"].get("DatabasePassword") == wanted,
            "database password")
        # What was on its way with the old password when the new one came may still end badly.
        self._more_connections(4)
        before = self.runtime.stats()["connections"]
        self.tell.say(f"{before['failed']} connections were refused between the database's change "
                      "and the runtime's")
        after = self._more_connections(10)
        self.tell.expect(after["failed"] == before["failed"],
                         "ten more connections with it, none failed")

    def _more_connections(self, count):
        def attempts(counts):
            return counts["opened"] + counts["failed"]
        begin = attempts(self.runtime.stats()["connections"])

        def enough():
            counts = self.runtime.stats()["connections"]
            return counts if attempts(counts) >= begin + count else None
        return wait_until(enough, f"{count} more connections")

    def _rotate_admin_password(self):
        wanted = sha256("Welc0me-again!")
        self._store_to_runtime(
            "mx-admin-password", "Welc0me-again!",
            lambda: wanted in self.runtime.stats()["admin_users_sha256"].values(),
            "MxAdmin password")

    def _rotate_constant(self):
        began = time.monotonic()
        self.walk.update("mx-const-MyFirstModule.MyConstant", "changed in the store")
        status = self.sidecar.wait_for(lambda s: s["pendingRestart"], "a pending restart")
        took = 1000 * (time.monotonic() - began)
        for pending in status["pendingRestart"]:
            self.tell.say(f"{pending['name']} ({pending['key']}) needs a restart, because "
                          f"{pending['reason']}")
        names = [pending["name"] for pending in status["pendingRestart"]]
        self.tell.expect(names == ["constant MyFirstModule.MyConstant"],
                         f"constant: reported {took:.0f} ms after the store had it, not applied")

    # 6 ------------------------------------------------------------------------------------------
    def show_end(self):
        self.tell.step("the end: everything is stopped, nothing is left")
        began = time.monotonic()
        self.tell.expect(self.sidecar.stop() == 0 and time.monotonic() - began < 1,
                         f"the sidecar ended {1000 * (time.monotonic() - began):.0f} ms after "
                         "SIGTERM, exit 0")
        self.tell.expect(self.pull.stop() == 0, "the puller ended with exit 0")
        self.tell.expect(self.runtime.stats()["state"] == "running", "the runtime went on")


def interrupted(number, _):
    """Ends the demo. Whoever is impatient then does not stop the cleaning up."""
    for other in INTERRUPTS:
        signal.signal(other, lambda *_: None)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def main():
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--store", choices=tuple(WALKS), default="dev",
                        help="openbao: a real OpenBao server; else our own stand-in")
    parser.add_argument("--binaries", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bao", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for number in INTERRUPTS:
        signal.signal(number, interrupted)
    teller = Teller(6)
    try:
        with contextlib.ExitStack() as stack:
            demo = Demo(arguments, teller, stack)
            for step in (demo.start_store, demo.check, demo.start_app, demo.show_settings,
                         demo.rotate, demo.show_end):
                step()
    except KeyboardInterrupt:
        print("\ninterrupted; everything was stopped and removed", file=sys.stderr)
        return 130
    except (Failed, TimeoutError, RuntimeError, OSError) as problem:
        print(f"\n{paint('failed', '31')}: {problem}", file=sys.stderr)
        return 1
    if os.path.exists(demo.folder):
        print(f"{paint('failed', '31')}: {demo.folder} is still there", file=sys.stderr)
        return 1
    print(f"\n{paint('All steps ended as stated', '32')}, in {teller.seconds():.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
