"""Stores with a Vault face: our own dev store and a real OpenBao server, seeded the same way."""
import os
import secrets
import subprocess

from . import http
from .process import Program, free_port, wait_until

AUDIENCE = "vault"
NAMESPACE, ACCOUNT, ROLE = "web", "shop", "shop"


class VaultLike:
    """A server of the Vault API, and what the tests do to it with the root token."""

    def __init__(self, url, root_token, binaries, folder):
        self.url, self.root_token = url, root_token
        self._binaries, self._folder = binaries, folder
        self.key_file = os.path.join(folder, "token-key.pem")

    def call(self, method, path, body=None):
        return http.must(method, f"{self.url}/v1/{path}", body, {"X-Vault-Token": self.root_token})

    def write(self, path, data):
        """A new version of a secret of the version 2 engine at secret/."""
        self.call("POST", f"secret/data/{path}", {"data": data})

    def read(self, path):
        return self.call("GET", f"secret/data/{path}")["data"]["data"]

    def update(self, path, **changes):
        self.write(path, {**self.read(path), **changes})

    def public_key(self):
        return subprocess.run(["openssl", "pkey", "-in", self.key_file, "-pubout"], check=True,
                              capture_output=True, text=True).stdout

    def set_up_policy(self, paths):
        rules = "\n".join(f'path "{path}" {{ capabilities = ["read"] }}' for path in paths)
        self.call("PUT", f"sys/policies/acl/{ROLE}", {"policy": rules})

    def set_up_login(self, paths):
        """A jwt login method for one service account, and a policy that reads these paths."""
        self.set_up_policy(paths)
        self.call("POST", "sys/auth/kubernetes", {"type": "jwt"})
        self.call("POST", "auth/kubernetes/config", {"jwt_validation_pubkeys": [self.public_key()]})
        self.call("POST", f"auth/kubernetes/role/{ROLE}", {
            "role_type": "jwt", "user_claim": "sub", "bound_audiences": [AUDIENCE],
            "bound_subject": f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}",
            "token_policies": [ROLE], "token_ttl": "1h"})

    def set_up_kubernetes_login(self, url, ca, reviewer):
        """The kubernetes login method, which asks that API server what a token is worth. reviewer: the token
        it asks with."""
        self.call("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
        self.call("POST", "auth/kubernetes/config", {
            "kubernetes_host": url, "kubernetes_ca_cert": ca, "token_reviewer_jwt": reviewer,
            "disable_local_ca_jwt": True})

    def set_up_kubernetes_role(self, role=ROLE, audience=AUDIENCE, policy=ROLE):
        self.call("POST", f"auth/kubernetes/role/{role}", {
            "bound_service_account_names": [ACCOUNT],
            "bound_service_account_namespaces": [NAMESPACE], "audience": audience,
            "token_policies": [policy], "token_ttl": "10m"})

    def token(self, namespace=NAMESPACE, account=ACCOUNT, audience=AUDIENCE, ttl="1h"):
        return subprocess.run(
            [self._binaries.dev, "token", "--key", self.key_file, "--namespace", namespace,
             "--service-account", account, "--audience", audience, "--ttl", ttl],
            check=True, capture_output=True, text=True).stdout.strip()

    def token_file(self, **claims):
        path = os.path.join(self._folder, "token-" + secrets.token_hex(4))
        with open(path, "w") as file:
            file.write(self.token(**claims))
        os.chmod(path, 0o600)
        return path


class DevStore(VaultLike):
    name = "keyferry-dev"

    def __init__(self, binaries, folder):
        self._make_key(binaries, folder)
        self.program = Program([binaries.dev, "store", "--listen", "127.0.0.1:0",
                                "--root-token", "dev-only"])
        url = self.program.wait_for_line("listening on ").split()[-1]
        super().__init__(url, "dev-only", binaries, folder)

    @staticmethod
    def _make_key(binaries, folder):
        subprocess.run([binaries.dev, "key", "--out", os.path.join(folder, "token-key.pem")],
                       check=True, capture_output=True)

    def fault(self, **fault):
        """The next answers go wrong as told (see dev/faults.h)."""
        http.must("POST", f"{self.url}/dev/faults", fault)

    def no_faults(self):
        http.must("DELETE", f"{self.url}/dev/faults")

    def requests(self):
        return http.must("GET", f"{self.url}/dev/requests")["requests"]

    def forget_requests(self):
        http.must("DELETE", f"{self.url}/dev/requests")

    def stop(self):
        self.program.stop()


class OpenBao(VaultLike):
    name = "OpenBao"

    def __init__(self, binaries, folder, bao, config=None, host="127.0.0.1"):
        DevStore._make_key(binaries, folder)
        port = free_port()
        token = "root-" + secrets.token_hex(12)
        environment = {"HOME": folder, "PATH": os.environ["PATH"]}
        self.program = Program([bao, "server", "-dev", "-dev-no-store-token", "-log-level=warn",
                                f"-dev-root-token-id={token}",
                                f"-dev-listen-address={host}:{port}",
                                *([f"-config={config}"] if config else [])], env=environment)
        super().__init__(f"http://{host}:{port}", token, binaries, folder)
        wait_until(self._is_ready, "OpenBao: ready")

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("OpenBao ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.url}/v1/sys/health")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.program.stop()


class SealableBao(OpenBao):
    """An OpenBao server that is no development server: it can be sealed and unsealed."""

    def __init__(self, binaries, folder, bao):  # pylint: disable=super-init-not-called
        DevStore._make_key(binaries, folder)
        port = free_port()
        config = os.path.join(folder, "bao.hcl")
        with open(config, "w") as file:
            file.write(f'storage "inmem" {{}}\nlistener "tcp" {{\n  address = "127.0.0.1:{port}"\n'
                       '  tls_disable = true\n}\n')
        self.program = Program([bao, "server", "-log-level=warn", f"-config={config}"],
                               env={"HOME": folder, "PATH": os.environ["PATH"]})
        VaultLike.__init__(self, f"http://127.0.0.1:{port}", "", binaries, folder)
        wait_until(self._is_up, "OpenBao: up")
        made = http.must("PUT", f"{self.url}/v1/sys/init",
                         {"secret_shares": 1, "secret_threshold": 1})
        self.root_token, self._key = made["root_token"], made["keys_base64"][0]
        self.unseal()
        self.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})

    def _is_up(self):
        if not self.program.running():
            raise RuntimeError("OpenBao ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.url}/v1/sys/seal-status")[0] == 200
        except OSError:
            return False

    def seal(self):
        self.call("PUT", "sys/seal")

    def unseal(self):
        http.must("PUT", f"{self.url}/v1/sys/unseal", {"key": self._key})
        wait_until(self._is_ready, "OpenBao: unsealed")

