"""Public names that lead to a server of ours: an HTTP proxy whose CONNECT goes where it is told.

Clients then ask for https://shop.vault.azure.net as they would anywhere; TLS is between them and the
server, which has a certificate for that name.
"""
import contextlib
import http.server
import select
import socket
import threading


class Names:
    """routes: {"vault.azure.net": port}: the name itself and every name below it."""

    def __init__(self, routes):
        self._routes, self.asked = routes, []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):  # the name is given by the base class
                host = self.path.rsplit(":", 1)[0]
                proxy.asked.append(host)
                port = proxy._port_of(host)
                if port is None:
                    self.send_error(502, "no such name")
                    return
                with socket.create_connection(("127.0.0.1", port)) as server:
                    self.send_response_only(200)
                    self.end_headers()
                    _pass_on(self.connection, server)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _port_of(self, host):
        for name, port in self._routes.items():
            if host == name or host.endswith("." + name):
                return port
        return None

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def _pass_on(client, server):
    pairs = {client: server, server: client}
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select(list(pairs), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                pairs[ready].sendall(data)
