"""A proxy that delays, cuts and resets connections on order (toxiproxy)."""
from . import http
from .process import Program, free_port, wait_until


class Toxiproxy:
    def __init__(self, server):
        port = free_port()
        self.admin = f"http://127.0.0.1:{port}"
        self.program = Program([server, "-host", "127.0.0.1", "-port", str(port)])
        wait_until(self._is_ready, "toxiproxy: ready")

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("toxiproxy ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.admin}/version")[0] == 200
        except OSError:
            return False

    def forward(self, upstream, name="store"):
        """The address (host:port) that leads to another one."""
        listen = f"127.0.0.1:{free_port()}"
        http.must("POST", f"{self.admin}/proxies",
                  {"name": name, "listen": listen, "upstream": upstream, "enabled": True})
        return listen

    def poison(self, kind, name="store", stream="downstream", **attributes):
        """From now on connections suffer from this toxic."""
        http.must("POST", f"{self.admin}/proxies/{name}/toxics",
                  {"name": kind, "type": kind, "stream": stream, "toxicity": 1.0,
                   "attributes": attributes})

    def enable(self, enabled, name="store"):
        http.must("POST", f"{self.admin}/proxies/{name}", {"enabled": enabled})

    def heal(self):
        http.must("POST", f"{self.admin}/reset")

    def stop(self):
        self.program.stop()
