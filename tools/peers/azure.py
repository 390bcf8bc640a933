"""Azure as our dev store plays it: Key Vault, Entra and the machine's metadata service at one address."""
import json
import os
import secrets
import ssl
import subprocess
import urllib.request

from . import http
from .process import Program

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-0000-4000-8000-000000000001"  # the app's managed identity
WRITER = "aaaaaaaa-0000-4000-8000-000000000002"  # an application that may write
VAULT = "keyferry-shop"
MORE_VAULTS = ("keyferry-policies", "keyferry-scoped")  # the certificate has their names too
ISSUER = "https://oidc.prod-aks.azure.com/00000000-1111-2222-3333-444444444444/"
RESOURCE_ID = ("/subscriptions/s/resourcegroups/shop/providers/Microsoft.ManagedIdentity/"
               "userAssignedIdentities/shop")
AUDIENCE = "api://AzureADTokenExchange"
PROXY_AUDIENCE = "api://AKSIdentityBinding"
PROXY_NAME = "identity-binding.ests.aks"
NAMESPACE, ACCOUNT = "web", "shop"
SUFFIXES = ("vault.azure.net", "localhost")
LOGIN = "login.microsoftonline.com"


def make_certificate(folder, names):
    """A certificate that is its own authority, and its key: two files."""
    certificate, key = os.path.join(folder, "server.crt"), os.path.join(folder, "server.key")
    alternatives = ",".join([*(f"DNS:{name}" for name in names), "IP:127.0.0.1"])
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=keyferry-dev",
                    "-addext", f"subjectAltName={alternatives}", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    return certificate, key


class AzureDevStore:
    name = "keyferry-dev (azure)"

    def __init__(self, binaries, folder, seed=None):
        self._binaries, self._folder, self.dev = binaries, folder, binaries.dev
        self.key_file = os.path.join(folder, "token-key.pem")
        subprocess.run([binaries.dev, "key", "--out", self.key_file], check=True,
                       capture_output=True)
        names = [LOGIN, PROXY_NAME, "localhost", *(f"{vault}.{suffix}"
                                                   for vault in (VAULT, *MORE_VAULTS)
                                                   for suffix in SUFFIXES)]
        self.ca_file, key = make_certificate(folder, names)
        self.writer_secret = secrets.token_urlsafe(24)
        self.root_token = "dev-only"
        seed_file = os.path.join(folder, "azure-seed.json")
        with open(seed_file, "w") as file:
            json.dump(seed or self.usual_seed(), file)
        os.chmod(seed_file, 0o600)
        self.program = Program([binaries.dev, "store", "--face", "azure", "--listen", "127.0.0.1:0",
                                "--tls-cert", self.ca_file, "--tls-key", key, "--jwt-key",
                                self.key_file, "--root-token", self.root_token, "--seed",
                                seed_file])
        self.port = int(self.program.wait_for_line("listening on ").rsplit(":", 1)[1].strip("/"))
        self.url = f"https://localhost:{self.port}"
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(
                context=ssl.create_default_context(cafile=self.ca_file)))

    def usual_seed(self):
        """The walk-through: an identity that one service account may use, with the role that reads
        secrets; and an application with a secret that writes."""
        federated = [{"issuer": ISSUER, "subject": f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}",
                      "audiences": [AUDIENCE, PROXY_AUDIENCE]}]
        return {
            "tenants": {TENANT: {"apps": {
                CLIENT: {"name": "shop", "federated_credentials": federated,
                         "managed_identity": True,
                         "resource_id": RESOURCE_ID},
                WRITER: {"name": "writer", "secrets": [self.writer_secret]}}}},
            "vaults": {VAULT: {"tenant": TENANT, "role_assignments": [
                {"app": CLIENT, "role": "Key Vault Certificate User"},
                {"app": WRITER, "role": "Key Vault Administrator"}]}}}

    def call(self, method, path, body=None, token=None, headers=None):
        """(status, JSON) of one request with the root token."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers=dict(headers or {}))
        request.add_header("Authorization", f"Bearer {token or self.root_token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        return http.answer_of(self._opener, request)

    def must(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def seed(self, more):
        self.must("POST", "/dev/seed", more)

    def set_secret(self, name, value):
        self.must("PUT", f"/secrets/{name}?api-version=7.4", {"value": value})

    def parameters(self):
        """What a SecretProviderClass needs besides its own to ask here instead of in the cloud."""
        path = os.path.join(self._folder, "azure-cloud.json")
        with open(path, "w") as file:
            json.dump({"name": "AzureStackCloud", "activeDirectoryEndpoint": self.url,
                       "keyVaultDNSSuffix": "vault.azure.net",
                       "keyVaultEndpoint": "https://vault.azure.net"}, file)
        return {"cloudName": "AzureStackCloud", "cloudEnvFileName": path,
                "endpointUrl": self.url, "caCertPath": self.ca_file}

    def token(self, namespace=NAMESPACE, account=ACCOUNT, audience=AUDIENCE, ttl="1h",
              issuer=ISSUER):
        return subprocess.run(
            [self._binaries.dev, "token", "--key", self.key_file, "--namespace", namespace,
             "--service-account", account, "--audience", audience, "--ttl", ttl, "--issuer",
             issuer], check=True, capture_output=True, text=True).stdout.strip()

    def token_file(self, **claims):
        path = os.path.join(self._folder, "token-" + secrets.token_hex(4))
        with open(path, "w") as file:
            file.write(self.token(**claims))
        os.chmod(path, 0o600)
        return path

    def fault(self, **fault):
        self.must("POST", "/dev/faults", fault)

    def no_faults(self):
        self.must("DELETE", "/dev/faults")

    def requests(self):
        return self.must("GET", "/dev/requests")["requests"]

    def forget_requests(self):
        self.must("DELETE", "/dev/requests")

    def stop(self):
        self.program.stop()
