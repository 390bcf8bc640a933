"""keyferry pull from Key Vault as our dev store plays it: by workload identity, by the machine's
identity and by the token proxy; every file compared byte for byte with what the vendor's clients read.
"""
import base64
import os
import shutil

import pytest
import yaml
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.keyvault.keys import KeyClient
from azure.keyvault.secrets import SecretClient
from conftest import TOP
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from peers import azure, programs
from peers.names import Names
from test_azure_certificates import KEYS, PKCS8, make_chain, public_key_of

VAULT_URL = f"https://{azure.VAULT}.vault.azure.net"
PEM = serialization.Encoding.PEM


class Vault:
    """The vendor's clients of one vault."""

    def __init__(self, store):
        self.names = Names({"vault.azure.net": store.port, azure.LOGIN: store.port})
        options = {"proxies": {"https": self.names.url}, "connection_verify": store.ca_file}
        writer = ClientSecretCredential(azure.TENANT, azure.WRITER, store.writer_secret, **options)
        self.secrets, self.keys, self.certificates = (
            kind(VAULT_URL, writer, **options)
            for kind in (SecretClient, KeyClient, CertificateClient))


@pytest.fixture(scope="module")
def vault(azure_store):
    vault = Vault(azure_store)
    yield vault
    vault.names.stop()


def write_class(folder, store, objects, **parameters):
    """A manifest folder whose class asks for these objects."""
    path = os.path.join(folder, "manifests")
    os.makedirs(path, exist_ok=True)
    array = [yaml.safe_dump(each) for each in objects]
    spc = {"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
           "metadata": {"name": "shop", "namespace": "web"},
           "spec": {"provider": "azure", "parameters": {
               "keyvaultName": azure.VAULT, "tenantID": azure.TENANT, "clientID": azure.CLIENT,
               **store.parameters(), "objects": yaml.safe_dump({"array": array}), **parameters}}}
    spc["spec"]["parameters"] = {name: value for name, value in
                                 spc["spec"]["parameters"].items() if value is not None}
    with open(os.path.join(path, "class.yaml"), "w") as file:
        yaml.safe_dump(spc, file)
    return path


def pull(binaries, folder, manifests, *arguments, environment=None):
    return programs.run([binaries.keyferry, "pull", "-f", manifests, "--out",
                         os.path.join(folder, "out"), "--service-account", "web/shop",
                         *arguments], env={**os.environ, **(environment or {})})


def read_files(folder):
    out = os.path.join(folder, "out")
    found = {}
    for path, _, names in os.walk(os.path.join(out, "..data") + "/"):
        for name in names:
            full = os.path.join(path, name)
            with open(full, "rb") as file:
                found[os.path.relpath(full, os.path.join(out, "..data"))] = file.read()
    return found


def token_flag(store, **claims):
    return ["--token-file", f"{claims.get('audience', azure.AUDIENCE)}={store.token_file(**claims)}"]


@pytest.fixture
def pulled(binaries, folder, azure_store):
    """What pull() wrote for these objects, by workload identity."""
    def pull_objects(objects, **parameters):
        manifests = write_class(folder, azure_store, objects, **parameters)
        done = pull(binaries, folder, manifests, *token_flag(azure_store))
        assert done.returncode == 0, done.stderr
        return read_files(folder)
    return pull_objects


def test_secrets_are_the_bytes_the_vendors_client_reads(vault, pulled):
    values = {"plain": "Welc0me!", "lines": "a\r\nb\n", "words": "größe 🔑 \"quoted\" \\",
              "blank": " x ", "large": "k" * 25600}
    for name, value in values.items():
        vault.secrets.set_secret(f"pull-{name}", value)
    files = pulled([{"objectName": f"pull-{name}", "objectType": "secret",
                     "objectAlias": f"file.{name}"} for name in values])
    assert files == {f"file.{name}": vault.secrets.get_secret(f"pull-{name}").value.encode()
                     for name in values}


def test_encodings_versions_and_modes(vault, pulled, folder):
    first = vault.secrets.set_secret("encoded", base64.b64encode(b"\0\1binary").decode())
    vault.secrets.set_secret("encoded", b"\2hex".hex())
    files = pulled([
        {"objectName": "encoded", "objectType": "secret", "objectAlias": "old",
         "objectEncoding": "base64", "objectVersion": first.properties.version},
        {"objectName": "encoded", "objectType": "secret", "objectEncoding": "hex",
         "filePermission": "0600"}])
    assert files == {"old": b"\0\1binary", "encoded": b"\2hex"}
    assert os.stat(os.path.join(folder, "out", "encoded")).st_mode & 0o777 == 0o600


# As Key Vault gave them in the past, and as it does now: both with an empty password, which
# Python's library does not write.
ENCRYPTIONS = {
    "old": ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
    "modern": ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"],
    "none": ["-keypbe", "NONE", "-certpbe", "NONE"]}


def make_pfx(folder, key, certificates, *options):
    pem, pfx = os.path.join(folder, "all.pem"), os.path.join(folder, "all.pfx")
    with open(pem, "wb") as file:
        file.write(key.private_bytes(*PKCS8))
        file.writelines(each.public_bytes(PEM) for each in certificates)
    done = programs.run(["openssl", "pkcs12", "-export", "-in", pem, "-out", pfx, "-passout",
                         "pass:", *options])
    assert done.returncode == 0, done.stderr
    with open(pfx, "rb") as file:
        return file.read()


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_a_certificates_secret_key_and_leaf(vault, pulled, folder, kind, encryption):
    """The stock provider cannot read the modern kind of PFX (PBES2)."""
    key = KEYS[kind]()
    leaf, others = make_chain(key)
    name = f"pull-{kind}-{encryption}"
    vault.certificates.import_certificate(
        name, make_pfx(folder, key, [leaf, *others[::-1]], *ENCRYPTIONS[encryption]))
    files = pulled([
        {"objectName": name, "objectType": "secret", "objectAlias": "all.pem"},
        {"objectName": name, "objectType": "secret", "objectAlias": "all.pfx",
         "objectFormat": "pfx"},
        {"objectName": name, "objectType": "secret", "objectAlias": "raw.pfx",
         "objectFormat": "pfx", "objectEncoding": "base64"},
        {"objectName": name, "objectType": "key", "objectAlias": "key.pub"},
        {"objectName": name, "objectType": "cert", "objectAlias": "leaf.crt"}])
    secret = vault.secrets.get_secret(name).value
    read, own, rest = pkcs12.load_key_and_certificates(base64.b64decode(secret), b"")
    assert own == leaf and set(rest) == set(others)
    # Leaf, intermediate, root, whatever their order in the file.
    assert files["all.pem"] == read.private_bytes(*PKCS8) + b"".join(
        each.public_bytes(PEM) for each in (leaf, *others))
    assert files["all.pfx"] == secret.encode() and files["raw.pfx"] == base64.b64decode(secret)
    assert files["key.pub"] == public_key_of(vault.keys.get_key(name).key).public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert files["leaf.crt"] == x509.load_der_x509_certificate(
        bytes(vault.certificates.get_certificate(name).cer)).public_bytes(PEM)


def test_a_pem_certificate_is_written_as_it_is(vault, pulled):
    key = KEYS["ec"]()
    leaf, others = make_chain(key)
    pem = key.private_bytes(*PKCS8) + b"".join(each.public_bytes(PEM) for each in (leaf, *others))
    vault.certificates.import_certificate("pull-pem", pem, policy=CertificatePolicy(
        content_type="application/x-pem-file"))
    files = pulled([{"objectName": "pull-pem", "objectType": "secret"}])
    assert files == {"pull-pem": vault.secrets.get_secret("pull-pem").value.encode()}


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521"])
def test_ec_keys_become_pem(vault, pulled, curve):
    vault.keys.create_ec_key(f"pull-{curve}", curve=curve)
    files = pulled([{"objectName": f"pull-{curve}", "objectType": "key", "objectAlias": "k"}])
    assert files["k"] == public_key_of(vault.keys.get_key(f"pull-{curve}").key).public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_a_history_newest_first_without_what_is_disabled(vault, pulled):
    """Q23: asked for two, the stock provider writes three."""
    made = [vault.secrets.set_secret("pull-history", f"value-{number}").properties.version
            for number in range(6)]
    vault.secrets.update_secret_properties("pull-history", made[4], enabled=False)
    wanted = {"objectName": "pull-history", "objectType": "secret", "objectVersionHistory": 2}
    assert pulled([wanted]) == {f"pull-history/{index}": f"value-{number}".encode()
                                for index, number in enumerate((5, 3, 2))}
    assert pulled([wanted], exactVersionHistory="true") == {
        "pull-history/0": b"value-5", "pull-history/1": b"value-3"}


def test_the_walk_throughs_class_asks_the_real_addresses(binaries, folder, azure_store, vault):
    """Unchanged but for the authority to trust; a proxy leads the real names to the dev store."""
    manifests = os.path.join(folder, "manifests")
    shutil.copytree(TOP / "examples" / "azure", manifests,
                    ignore=shutil.ignore_patterns("mistakes"))
    path = os.path.join(manifests, "secretproviderclass.yaml")
    with open(path) as file:
        spc = yaml.safe_load(file)
    parameters = spc["spec"]["parameters"]
    objects = [yaml.safe_load(text) for text in yaml.safe_load(parameters["objects"])["array"]]
    for each in objects:
        vault.secrets.set_secret(each["objectName"], "value of " + each["objectAlias"])
    parameters["caCertPath"] = azure_store.ca_file
    with open(path, "w") as file:
        yaml.safe_dump(spc, file)
    vault.names.asked.clear()
    done = pull(binaries, folder, manifests, *token_flag(azure_store),
                environment={"HTTPS_PROXY": vault.names.url})
    assert done.returncode == 0, done.stderr
    assert read_files(folder) == {each["objectAlias"]: f"value of {each['objectAlias']}".encode()
                                  for each in objects}
    assert set(vault.names.asked) == {azure.LOGIN, f"{azure.VAULT}.vault.azure.net"}


def principal_flags(folder, client, secret):
    """The keys of the Kubernetes Secret that nodePublishSecretRef names, as files."""
    flags = []
    for key, value in (("clientid", client), ("clientsecret", secret)):
        path = os.path.join(folder, key)
        with open(path, "w") as file:
            file.write(value + "\n")
        os.chmod(path, 0o600)
        flags += ["--publish-secret", f"{key}={path}"]
    return flags


def test_a_service_principal(binaries, folder, azure_store, vault):
    vault.secrets.set_secret("pull-principal", "x")
    manifests = write_class(folder, azure_store, [
        {"objectName": "pull-principal", "objectType": "secret"}], clientID=None)
    good = principal_flags(folder, azure.WRITER, azure_store.writer_secret)
    checked = programs.run([binaries.keyferry, "check", "-f", manifests, "--live", *good])
    assert "the store gave every object" in checked.stdout + checked.stderr
    done = pull(binaries, folder, manifests, *good)
    assert done.returncode == 0, done.stderr
    assert read_files(folder) == {"pull-principal": b"x"}
    done = pull(binaries, folder, manifests, *principal_flags(folder, azure.WRITER, "wrong-secret"))
    assert done.returncode != 0 and "AADSTS7000215" in done.stderr
    assert "wrong-secret" not in done.stderr and "clientsecret" in done.stderr
    done = pull(binaries, folder, manifests)
    assert done.returncode != 0 and "nodePublishSecretRef" in done.stderr


def test_the_machines_identity(binaries, folder, azure_store, vault):
    vault.secrets.set_secret("pull-machine", "x")
    manifests = write_class(
        folder, azure_store, [{"objectName": "pull-machine", "objectType": "secret"}],
        clientID=None, useVMManagedIdentity="true", userAssignedIdentityID=azure.CLIENT)
    done = pull(binaries, folder, manifests,
                environment={"AZURE_POD_IDENTITY_AUTHORITY_HOST": azure_store.url})
    assert done.returncode == 0, done.stderr
    assert read_files(folder) == {"pull-machine": b"x"}


def test_the_clusters_token_proxy(binaries, folder, azure_store, vault):
    vault.secrets.set_secret("pull-proxy", "x")
    manifests = write_class(
        folder, azure_store, [{"objectName": "pull-proxy", "objectType": "secret"}],
        useAzureTokenProxy="true", tokenProxyUrl=azure_store.url, sniName=azure.PROXY_NAME)
    done = pull(binaries, folder, manifests,
                *token_flag(azure_store, audience=azure.PROXY_AUDIENCE))
    assert done.returncode == 0, done.stderr
    assert read_files(folder) == {"pull-proxy": b"x"}


@pytest.mark.parametrize("claims, parameters, words", [
    ({"issuer": "https://elsewhere.example/"}, {}, ["AADSTS700211", "https://elsewhere.example/"]),
    ({"account": "stranger"}, {}, ["AADSTS700213", "system:serviceaccount:web:stranger"]),
    ({"ttl": "-1h"}, {}, ["AADSTS700024"]),
    ({}, {"tenantID": "99999999-2222-3333-4444-555555555555"}, ["AADSTS90002"]),
    ({}, {"clientID": "99999999-2222-3333-4444-555555555555"}, ["AADSTS700016"])])
def test_a_login_that_is_refused_says_what_to_trust(binaries, folder, azure_store, claims,
                                                    parameters, words):
    manifests = write_class(folder, azure_store, [{"objectName": "x", "objectType": "secret"}],
                            **parameters)
    done = pull(binaries, folder, manifests, *token_flag(azure_store, **claims))
    assert done.returncode != 0 and read_files(folder) == {}
    for word in words:
        assert word in done.stderr


def test_a_role_that_is_missing_and_a_secret_that_is_not_there(binaries, folder, azure_store, vault):
    vault.secrets.set_secret("pull-off", "x", enabled=False)
    objects = [{"objectName": name, "objectType": "secret"} for name in ("pull-off", "pull-none")]
    manifests = write_class(folder, azure_store, objects)
    done = pull(binaries, folder, manifests, *token_flag(azure_store))
    assert done.returncode != 0 and read_files(folder) == {}
    assert "pull-off" in done.stderr and "disabled" in done.stderr
    assert "pull-none" in done.stderr and "not found" in done.stderr


def test_one_challenge_one_token_one_request_for_each_object(binaries, folder, azure_store, vault):
    names = [f"pull-count-{number}" for number in range(5)]
    for name in names:
        vault.secrets.set_secret(name, "x")
    manifests = write_class(folder, azure_store, [
        {"objectName": name, "objectType": "secret"} for name in names])
    azure_store.forget_requests()
    assert pull(binaries, folder, manifests, *token_flag(azure_store)).returncode == 0
    asked = [(entry["path"].split("/")[-1 if "oauth2" in entry["path"] else 1], entry["status"])
             for entry in azure_store.requests()]
    assert asked == [("secrets", 401), ("token", 200), *[("secrets", 200)] * 5]
