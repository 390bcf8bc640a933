"""Keys and certificates of the Azure face, judged by the vendor's clients; files made and read by
Python's cryptography library."""
import base64
import datetime

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.keyvault.keys import KeyClient, JsonWebKey
from azure.keyvault.secrets import SecretClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from peers import azure
from peers.names import Names

VAULT_URL = f"https://{azure.VAULT}.vault.azure.net"
PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
         serialization.NoEncryption())


@pytest.fixture(scope="module")
def options(azure_store):
    names = Names({"vault.azure.net": azure_store.port, azure.LOGIN: azure_store.port})
    yield {"proxies": {"https": names.url}, "connection_verify": azure_store.ca_file,
           "retry_total": 0}
    names.stop()


@pytest.fixture(scope="module")
def clients(azure_store, options):
    writer = ClientSecretCredential(azure.TENANT, azure.WRITER, azure_store.writer_secret,
                                    **options)
    return [kind(VAULT_URL, writer, **options)
            for kind in (CertificateClient, SecretClient, KeyClient)]


def make_chain(key):
    """(leaf, [intermediate, root]) of certificates; the leaf is that key's."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    issuer_key, issuer_name, chain = None, None, []
    for name, own in (("root", None), ("intermediate", None), ("shop.example", key)):
        own = own or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signer = issuer_key or own
        chain.insert(0, x509.CertificateBuilder().subject_name(subject)
                     .issuer_name(issuer_name or subject).public_key(own.public_key())
                     .serial_number(x509.random_serial_number())
                     .not_valid_before(now - datetime.timedelta(days=1))
                     .not_valid_after(now + datetime.timedelta(days=90))
                     .add_extension(x509.BasicConstraints(ca=own is not key, path_length=None),
                                    critical=True)
                     .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()),
                                    critical=False)
                     .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                         signer.public_key()), critical=False)
                     .sign(signer, hashes.SHA256()))
        issuer_key, issuer_name = own, subject
    return chain[0], chain[1:]


KEYS = {"rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ec": lambda: ec.generate_private_key(ec.SECP384R1())}
OLD = (serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
       .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1()))
MODERN = (serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
          .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256()))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("encryption", ["none", "old", "modern"])
def test_a_pfx_is_imported(clients, kind, encryption):
    certificates, secrets, keys = clients
    key = KEYS[kind]()
    leaf, others = make_chain(key)
    how = {"none": serialization.NoEncryption(), "old": OLD.build(b"pass"),
           "modern": MODERN.build(b"pass")}[encryption]
    pfx = pkcs12.serialize_key_and_certificates(b"shop", key, leaf, others, how)
    name = f"pfx-{kind}-{encryption}"
    made = certificates.import_certificate(name, pfx, password=None if encryption == "none"
                                           else "pass")
    read = certificates.get_certificate(name)
    assert bytes(read.cer) == leaf.public_bytes(serialization.Encoding.DER)
    assert read.properties.version == made.properties.version
    assert read.properties.x509_thumbprint == leaf.fingerprint(hashes.SHA1())
    assert read.properties.expires_on == leaf.not_valid_after_utc
    assert read.policy.content_type == "application/x-pkcs12"
    assert read.policy.key_type == {"rsa": "RSA", "ec": "EC"}[kind]
    assert read.policy.key_size == (2048 if kind == "rsa" else None)
    assert read.secret_id == f"{VAULT_URL}/secrets/{name}/{read.properties.version}"

    secret = secrets.get_secret(name)
    assert secret.properties.content_type == "application/x-pkcs12" and secret.properties.managed
    assert secret.properties.key_id == read.key_id
    back, own, rest = pkcs12.load_key_and_certificates(base64.b64decode(secret.value), None)
    assert back.private_bytes(*PKCS8) == key.private_bytes(*PKCS8) and own == leaf
    assert set(rest) == set(others)
    public = keys.get_key(name)
    assert public.id == read.key_id and public_key_of(public.key) == key.public_key()


@pytest.mark.parametrize("kind", KEYS)
def test_a_pem_is_imported(clients, kind):
    certificates, secrets, _ = clients
    key = KEYS[kind]()
    leaf, others = make_chain(key)
    pem = key.private_bytes(*PKCS8) + b"".join(
        each.public_bytes(serialization.Encoding.PEM) for each in (leaf, *others))
    certificates.import_certificate(f"pem-{kind}", pem, policy=CertificatePolicy(
        content_type="application/x-pem-file"))
    read = certificates.get_certificate(f"pem-{kind}")
    assert bytes(read.cer) == leaf.public_bytes(serialization.Encoding.DER)
    secret = secrets.get_secret(f"pem-{kind}")
    assert secret.value.encode() == pem
    assert secret.properties.content_type == "application/x-pem-file"


@pytest.mark.parametrize("kind", ["RSA", "EC"])
@pytest.mark.parametrize("content_type", ["application/x-pkcs12", "application/x-pem-file"])
def test_a_certificate_is_made(clients, kind, content_type):
    certificates, secrets, _ = clients
    name = f"made-{kind}-{content_type[-4:]}"
    made = certificates.begin_create_certificate(name, CertificatePolicy(
        issuer_name="Self", subject="CN=shop.example", key_type=kind,
        content_type=content_type)).result()
    leaf = x509.load_der_x509_certificate(bytes(made.cer))
    assert leaf.subject.rfc4514_string() == "CN=shop.example"
    value = secrets.get_secret(name).value
    if content_type.endswith("pkcs12"):
        key, own, _ = pkcs12.load_key_and_certificates(base64.b64decode(value), None)
    else:
        key = serialization.load_pem_private_key(value.encode(), None)
        own = x509.load_pem_x509_certificate(value.encode())
    assert own == leaf and key.public_key() == leaf.public_key()
    leaf.verify_directly_issued_by(leaf)


def test_versions_of_a_certificate(clients):
    certificates, secrets, _ = clients
    made = []
    for _ in range(3):
        key = KEYS["ec"]()
        leaf, others = make_chain(key)
        pfx = pkcs12.serialize_key_and_certificates(None, key, leaf, others,
                                                    serialization.NoEncryption())
        made.append((certificates.import_certificate("versions", pfx).properties.version, leaf))
    listed = certificates.list_properties_of_certificate_versions("versions")
    assert {item.version for item in listed} == {version for version, _ in made}
    for version, leaf in made:
        read = certificates.get_certificate_version("versions", version)
        assert bytes(read.cer) == leaf.public_bytes(serialization.Encoding.DER)
        assert secrets.get_secret("versions", version).properties.version == version
    assert certificates.get_certificate_policy("versions").key_type == "EC"
    certificates.update_certificate_properties("versions", enabled=False)
    with pytest.raises(HttpResponseError) as disabled:
        secrets.get_secret("versions")
    assert disabled.value.error.innererror["code"] == "SecretDisabled"


def test_a_deleted_certificate_takes_its_secret_with_it(clients):
    certificates, secrets, keys = clients
    key = KEYS["ec"]()
    pfx = pkcs12.serialize_key_and_certificates(None, key, make_chain(key)[0], None,
                                                serialization.NoEncryption())
    certificates.import_certificate("deleted-certificate", pfx)
    with pytest.raises(HttpResponseError) as managed:
        secrets.begin_delete_secret("deleted-certificate")
    assert managed.value.status_code == 403
    certificates.begin_delete_certificate("deleted-certificate").wait()
    for read in (certificates.get_certificate, secrets.get_secret, keys.get_key):
        with pytest.raises(ResourceNotFoundError):
            read("deleted-certificate")
    certificates.begin_recover_deleted_certificate("deleted-certificate").wait()
    assert secrets.get_secret("deleted-certificate").properties.managed


def test_what_is_no_certificate_is_refused(clients):
    certificates, *_ = clients
    key = KEYS["ec"]()
    locked = pkcs12.serialize_key_and_certificates(None, key, make_chain(key)[0], None,
                                                   MODERN.build(b"pass"))
    for content, password in ((b"garbage", None), (locked, "wrong")):
        with pytest.raises(HttpResponseError) as bad:
            certificates.import_certificate("bad", content, password=password)
        assert bad.value.status_code == 400 and "PKCS#12" in bad.value.error.message
    with pytest.raises(ResourceNotFoundError) as missing:
        certificates.get_certificate("nowhere")
    assert missing.value.error.code == "CertificateNotFound"


def public_key_of(jwk):
    """The public key that the members of a JSON Web Key stand for."""
    number = {name: int.from_bytes(getattr(jwk, name) or b"", "big") for name in "nexy"}
    if jwk.kty.startswith("RSA"):
        return rsa.RSAPublicNumbers(number["e"], number["n"]).public_key()
    curve = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1,
             "P-256K": ec.SECP256K1}[jwk.crv]()
    return ec.EllipticCurvePublicNumbers(number["x"], number["y"], curve).public_key()


@pytest.mark.parametrize("size", [2048, 3072])
def test_rsa_keys_are_made(clients, size):
    keys = clients[2]
    made = keys.create_rsa_key(f"rsa-{size}", size=size)
    read = keys.get_key(f"rsa-{size}")
    assert read.id == made.id and public_key_of(read.key).key_size == size
    assert read.key_operations and read.key_type == "RSA"


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521", "P-256K"])
def test_ec_keys_are_made(clients, curve):
    keys = clients[2]
    keys.create_ec_key(f"ec-{curve}", curve=curve, hardware_protected=curve == "P-384")
    read = keys.get_key(f"ec-{curve}")
    assert public_key_of(read.key).curve.key_size == {"P-521": 521, "P-384": 384}.get(curve, 256)
    assert read.key_type == ("EC-HSM" if curve == "P-384" else "EC")


def test_a_key_is_imported_and_has_versions(clients):
    keys = clients[2]
    made = []
    for _ in range(2):
        numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
        jwk = JsonWebKey(kty="RSA", key_ops=["verify"], n=numbers.n.to_bytes(256, "big"),
                         e=numbers.e.to_bytes(3, "big"))
        made.append((keys.import_key("imported", jwk), numbers.public_key()))
    for imported, public in made:
        read = keys.get_key("imported", imported.properties.version)
        assert public_key_of(read.key) == public and read.key_operations == ["verify"]
    listed = list(keys.list_properties_of_key_versions("imported"))
    assert len(listed) == 2 and "imported" in [k.name for k in keys.list_properties_of_keys()]
    with pytest.raises(ResourceNotFoundError) as missing:
        keys.get_key("nowhere")
    assert missing.value.error.code == "KeyNotFound"
