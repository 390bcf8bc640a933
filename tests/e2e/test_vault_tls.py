"""TLS to OpenBao whose listener asks for a client certificate: who is let in, and what those who are
not let in are told to do."""
import os
import subprocess

import pytest
import yaml
from peers import programs, stores
from peers.process import free_port


class Authority:
    """A throw-away certificate authority in a folder."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        self._openssl("req", "-x509", *self._new_key(name), "-days", "2", "-subj", f"/CN={name}",
                      "-out", self.path(f"{name}.crt"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def _new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.path(f"{name}.key")]

    def certificate(self, name, *extensions, days="2"):
        self._openssl("req", "-new", *self._new_key(name), "-subj", f"/CN={name}",
                      "-out", self.path(f"{name}.csr"))
        with open(self.path(f"{name}.ext"), "w") as file:
            file.write("\n".join(extensions))
        self._openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-days", days,
                      "-CA", self.path(f"{self.name}.crt"), "-CAkey", self.path(f"{self.name}.key"),
                      "-CAcreateserial", "-extfile", self.path(f"{name}.ext"),
                      "-out", self.path(f"{name}.crt"))


@pytest.fixture(scope="module", params=["tls12", "tls13"])
def guarded(request, binaries, session_folder, bao_program):
    """OpenBao with a second listener: TLS of one version, client certificates required."""
    folder = os.path.join(session_folder, f"guarded-{request.param}")
    os.mkdir(folder)
    authority = Authority(folder)
    authority.certificate("server", "subjectAltName=IP:127.0.0.1,DNS:bao.internal")
    authority.certificate("client", "extendedKeyUsage=clientAuth")
    Authority(folder, "stranger").certificate("other", "extendedKeyUsage=clientAuth")
    port = free_port()
    config = os.path.join(folder, "listener.hcl")
    with open(config, "w") as file:
        file.write(f'''
            listener "tcp" {{
              address = "127.0.0.1:{port}"
              tls_cert_file = "{authority.path('server.crt')}"
              tls_key_file = "{authority.path('server.key')}"
              tls_client_ca_file = "{authority.path('ca.crt')}"
              tls_require_and_verify_client_cert = true
              tls_min_version = "{request.param}"
              tls_max_version = "{request.param}"
            }}''')
    bao = stores.OpenBao(binaries, folder, bao_program, config)
    bao.guarded_url = f"https://127.0.0.1:{port}"
    bao.authority = authority
    bao.set_up_login(["secret/data/shop"])
    bao.write("shop", {"password": "one"})
    yield bao
    bao.stop()


@pytest.fixture
def pull(binaries, guarded, folder):
    def run(**parameters):
        manifest = os.path.join(folder, "class.yaml")
        at = guarded.authority.path
        values = {"vaultAddress": guarded.guarded_url, "roleName": "shop",
                  "vaultAuthMountPath": "kubernetes", "vaultCACertPath": at("ca.crt"),
                  "vaultTLSClientCertPath": at("client.crt"),
                  "vaultTLSClientKeyPath": at("client.key"),
                  "objects": yaml.safe_dump([{"objectName": "p", "secretPath": "secret/data/shop",
                                              "secretKey": "password"}]), **parameters}
        with open(manifest, "w") as file:
            yaml.safe_dump({
                "apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
                "metadata": {"name": "shop", "namespace": "web"},
                "spec": {"provider": "vault", "parameters": {
                    name: value for name, value in values.items() if value}}}, file)
        return programs.run([binaries.keyferry, "pull", "-f", manifest, "--out",
                             os.path.join(folder, "out"), "--timeout", "10s", "--token-file",
                             f"vault={guarded.token_file()}"])
    return run


def test_the_right_certificate_is_let_in(pull, folder):
    done = pull()
    assert done.returncode == 0, done.stderr
    assert open(os.path.join(folder, "out", "p")).read() == "one"


def test_a_server_name_is_verified_in_place_of_the_address(pull):
    assert pull(vaultTLSServerName="bao.internal").returncode == 0
    refused = pull(vaultTLSServerName="vault.internal")
    assert refused.returncode == 1
    assert "vaultTLSServerName" in refused.stderr


def test_whoever_brings_no_certificate_is_told_to(pull):
    refused = pull(vaultTLSClientCertPath=None, vaultTLSClientKeyPath=None)
    assert refused.returncode == 1
    assert "the server seems to ask for a client certificate" in refused.stderr
    assert "vaultTLSClientCertPath" in refused.stderr and "vaultTLSClientKeyPath" in refused.stderr


def test_a_certificate_of_another_authority_is_named(pull, guarded):
    at = guarded.authority.path
    refused = pull(vaultTLSClientCertPath=at("other.crt"), vaultTLSClientKeyPath=at("other.key"))
    assert refused.returncode == 1
    assert f"does the server take the client certificate '{at('other.crt')}'?" in refused.stderr
    assert "vaultTLSClientCertPath" in refused.stderr


def test_a_key_of_another_certificate_is_named(pull, guarded):
    refused = pull(vaultTLSClientKeyPath=guarded.authority.path("other.key"))
    assert refused.returncode == 1
    assert "other.key" in refused.stderr and "vaultTLSClientKeyPath" in refused.stderr


def test_a_server_of_an_unknown_authority_is_refused_by_name(pull, guarded):
    refused = pull(vaultCACertPath=guarded.authority.path("stranger.crt"))
    assert refused.returncode == 1
    assert "the server's certificate was refused" in refused.stderr
    assert "vaultCACertPath" in refused.stderr
