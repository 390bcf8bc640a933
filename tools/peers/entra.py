"""Token endpoints that nobody here wrote, in the place of Entra's: both judge the request's form, and
oidc-provider verifies the assertion."""
import json
import os
import ssl
import subprocess
import urllib.parse
import urllib.request

from . import azure, http
from .process import Program, free_port, wait_until

SCOPE = "https://vault.azure.net/.default"


def post_form(url, ca_file, form):
    """(status, JSON)"""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(
            context=ssl.create_default_context(cafile=ca_file)))
    call = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode(), method="POST")
    return http.answer_of(opener, call)


class TokenEndpoint:
    """https://localhost:PORT/TENANT/oauth2/v2.0/token"""

    def __init__(self, folder):
        self.port = free_port()
        self.authority = f"https://localhost:{self.port}"
        self.url = f"{self.authority}/{azure.TENANT}/oauth2/v2.0/token"
        self.ca_file, self.tls_key_file = azure.make_certificate(folder, ["localhost"])

    def post(self, form):
        """(status, JSON)"""
        return post_form(self.url, self.ca_file, form)

    def stop(self):
        self.program.stop()


class MockOAuth2Server(TokenEndpoint):
    """Any tenant, any signature; the assertion's subject must be the client."""

    def __init__(self, folder, libraries):
        super().__init__(folder)
        store = os.path.join(folder, "server.p12")
        subprocess.run(["openssl", "pkcs12", "-export", "-in", self.ca_file, "-inkey",
                        self.tls_key_file, "-passout", "pass:changeit", "-out", store], check=True,
                       capture_output=True)
        configuration = {"httpServer": {"type": "NettyWrapper", "ssl": {
            "keystoreFile": store, "keystorePassword": "changeit", "keyPassword": "changeit",
            "keystoreType": "PKCS12"}}}
        self.program = Program(
            ["java", "-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
             os.path.join(libraries, "*"),
             "no.nav.security.mock.oauth2.StandaloneMockOAuth2ServerKt"],
            env={"PATH": os.environ["PATH"], "HOME": folder, "SERVER_HOSTNAME": "127.0.0.1",
                 "SERVER_PORT": str(self.port), "JSON_CONFIG": json.dumps(configuration)})
        wait_until(self._is_ready, "mock-oauth2-server: ready", 60)

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("mock-oauth2-server ended:\n" + self.program.output)
        try:
            return self.post({})[0] >= 400
        except OSError:
            return False


class OidcProvider(TokenEndpoint):
    """Verifies the assertion: signature, times, audience, iss = sub = client, and that it is new."""

    def __init__(self, folder, modules, script, client, keys):
        super().__init__(folder)
        jwks = os.path.join(folder, "jwks.json")
        with open(jwks, "w") as file:
            json.dump(keys, file)
        self.program = Program(
            ["node", script, modules, str(self.port), client, f"/{azure.TENANT}/oauth2/v2.0/token",
             SCOPE, jwks, self.ca_file, self.tls_key_file],
            env={"PATH": os.environ["PATH"], "HOME": folder})
        self.program.wait_for_line("listening on ")
