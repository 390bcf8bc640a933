"""An S3 server that verifies every part of a SigV4 signature (versitygw)."""
import os

from . import http
from .process import Program, free_port, wait_until


class Versitygw:
    KEY_ID = "AKKEYFERRY"
    KEY = "a-key-that-only-tests-know"
    REGION = "eu-west-1"

    def __init__(self, program, folder):
        self.host = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.host}"
        for name in ("data", "iam"):
            os.makedirs(os.path.join(folder, name))
        self.program = Program([program, "--access", self.KEY_ID, "--secret", self.KEY,
                                "--region", self.REGION, "--port", self.host,
                                "--health", "/healthz", "--iam-dir", os.path.join(folder, "iam"),
                                "posix", os.path.join(folder, "data")])
        wait_until(self._is_ready, "versitygw: ready")

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("versitygw ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.url}/healthz")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.program.stop()
