"""Our own programs as the demo and the tests run them."""
import json
import os
import secrets
import subprocess

from . import http
from .process import Program, wait_until


class Binaries:
    """Where a build put the programs."""

    def __init__(self, folder):
        self.folder = folder
        self.keyferry = os.path.join(folder, "keyferry")
        self.sidecar = os.path.join(folder, "keyferry-sidecar")
        self.dev = os.path.join(folder, "keyferry-dev")
        for path in (self.keyferry, self.sidecar, self.dev):
            if not os.path.exists(path):
                raise RuntimeError(f"{path} is not built: ./run build")

    def judge(self, name):
        """A test's own program that does with our code what the test asks others to do too."""
        return os.path.join(self.folder, "..", "tests", name, f"{name}_judge")


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


class Runtime:
    """The stand-in runtime."""

    def __init__(self, binaries, folder, *arguments):
        self.password_file = os.path.join(folder, "m2ee-password")
        with open(self.password_file, "w") as file:
            file.write(secrets.token_hex(12))
        os.chmod(self.password_file, 0o600)
        self.events_file = os.path.join(folder, "runtime-events.jsonl")
        self._command = [binaries.dev, "runtime", "--admin-port", "0", "--admin-password-file",
                         self.password_file, "--events", self.events_file, *arguments]
        self._start()

    def _start(self):
        self.program = Program(self._command, name="runtime")
        self.url = self.program.wait_for_line("listening on ").split()[-1]

    def restart(self):
        """A new process at the old address."""
        port = self.url.rsplit(":", 1)[1].strip("/")
        command = [port if previous == "--admin-port" else argument
                   for previous, argument in zip([None, *self._command], self._command)]
        self.program.stop()
        self._command = command
        self._start()

    @property
    def pid(self):
        return self.program.pid

    def stats(self):
        return http.must("GET", f"{self.url}/dev/stats")

    def script(self, **script):
        http.must("POST", f"{self.url}/dev/script", script)

    def events(self, name=None):
        with open(self.events_file) as file:
            events = [json.loads(line) for line in file]
        return [event for event in events if name is None or event["event"] == name]

    def action(self, action, **params):
        import base64
        with open(self.password_file) as file:
            password = base64.b64encode(file.read().encode()).decode()
        return http.must("POST", f"{self.url}/", {"action": action, "params": params},
                         {"X-M2EE-Authentication": password})

    def stop(self):
        self.program.stop()


class Sidecar:
    def __init__(self, binaries, app, secrets_dir, runtime, *arguments):
        self.program = Program([binaries.sidecar, "--app", app, "--secrets", secrets_dir,
                                "--admin-url", runtime.url + "/", "--admin-password-file",
                                runtime.password_file, "--listen", "127.0.0.1:0", "--state",
                                os.path.join(os.path.dirname(runtime.password_file), "state"),
                                *arguments], name="keyferry-sidecar")
        line = self.program.wait_for_line("listening")
        self.url = next(part[4:] for part in line.split() if part.startswith("url=")).strip('"')

    def status(self):
        return http.must("GET", f"{self.url}/status")

    def metrics(self):
        return http.get_text(f"{self.url}/metrics")

    def health(self):
        return http.request("GET", f"{self.url}/m2ee-sidecar/v1/healthz")

    def wait_for(self, condition, what, seconds=20.0):
        def reached():
            if not self.program.running():
                raise RuntimeError(f"keyferry-sidecar ended:\n{self.program.output}")
            status = self.status()
            return status if condition(status) else None
        return wait_until(reached, f"sidecar: {what}", seconds)

    def wait_running(self, seconds=20.0):
        return self.wait_for(lambda s: s["phase"] == "running", "running", seconds)

    def stop(self):
        return self.program.stop()
