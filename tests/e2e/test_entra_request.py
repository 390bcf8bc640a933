"""The token request as Entra documents it, put to our dev store and to two servers that nobody here
wrote: what all three take is the request's real form."""
import json
import os
import time
import uuid

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import WorkloadIdentityCredential
from conftest import TOP
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from peers import azure, entra
from test_azure_pull import pull, write_class

CLIENT = "99999999-0000-4000-8000-00000000000a"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def mock_oauth2(session_folder):
    path = os.path.join(session_folder, "mock-oauth2")
    os.mkdir(path)
    server = entra.MockOAuth2Server(path, str(TOP / os.environ["KEYFERRY_JAVA"]))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def oidc(session_folder, key):
    path = os.path.join(session_folder, "oidc")
    os.mkdir(path)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    server = entra.OidcProvider(path, str(TOP / os.environ["KEYFERRY_NPM_PROGRAMS"]),
                                str(TOP / "tests" / "e2e" / "oidc_provider.mjs"), CLIENT,
                                {"keys": [{**public, "use": "sig"}]})
    yield server
    server.stop()


def form_of(client, assertion, **changes):
    return {"grant_type": "client_credentials", "client_id": client, "scope": entra.SCOPE,
            "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **changes}


def assertion_for(server, key, **changes):
    now = int(time.time())
    return jwt.encode({"iss": CLIENT, "sub": CLIENT, "aud": server.authority, "iat": now,
                       "nbf": now, "exp": now + 300, "jti": str(uuid.uuid4()), **changes},
                      key.private_bytes(serialization.Encoding.PEM,
                                        serialization.PrivateFormat.PKCS8,
                                        serialization.NoEncryption()), "RS256")


def test_our_dev_store_takes_it(azure_store):
    url = f"{azure_store.url}/{azure.TENANT}/oauth2/v2.0/token"
    status, answer = entra.post_form(url, azure_store.ca_file,
                                     form_of(azure.CLIENT, azure_store.token()))
    assert status == 200 and answer["token_type"] == "Bearer" and answer["expires_in"] == 3599
    for missing, code in (("grant_type", 900144), ("client_id", 900144), ("scope", 900144),
                          ("client_assertion", 7000216), ("client_assertion_type", 900144)):
        form = form_of(azure.CLIENT, azure_store.token())
        del form[missing]
        status, answer = entra.post_form(url, azure_store.ca_file, form)
        assert status in (400, 401) and answer["error_codes"] == [code], missing


def test_mock_oauth2_server_takes_it(mock_oauth2, key):
    status, answer = mock_oauth2.post(form_of(CLIENT, assertion_for(mock_oauth2, key)))
    assert status == 200 and answer["token_type"] == "Bearer" and answer["expires_in"] > 3000
    assert jwt.decode(answer["access_token"], options={"verify_signature": False})["aud"] in (
        entra.SCOPE, [entra.SCOPE])
    status, _ = mock_oauth2.post(form_of(CLIENT, assertion_for(mock_oauth2, key, sub="another")))
    assert status in (400, 401)
    assert mock_oauth2.post(form_of(CLIENT, "garbage"))[0] in (400, 401)


def test_oidc_provider_takes_it_once(oidc, key):
    form = form_of(CLIENT, assertion_for(oidc, key))
    status, answer = oidc.post(form)
    assert status == 200 and answer["token_type"] == "Bearer" and answer["scope"] == entra.SCOPE
    assert oidc.post(form)[0] == 401  # the same assertion again


@pytest.mark.parametrize("claims", [{"aud": "https://elsewhere.example"}, {"exp": 1},
                                    {"sub": "another"}, {"iss": "another"}])
def test_oidc_provider_refuses_other_claims(oidc, key, claims):
    assert oidc.post(form_of(CLIENT, assertion_for(oidc, key, **claims)))[0] in (400, 401)


def test_oidc_provider_refuses_another_key_and_another_form(oidc, key):
    another = rsa.generate_private_key(65537, 2048)
    assert oidc.post(form_of(CLIENT, assertion_for(oidc, another)))[0] == 401
    for change in ({"grant_type": "password"}, {"client_assertion_type": "jwt"},
                   {"client_id": "another"}):
        assert oidc.post(form_of(CLIENT, assertion_for(oidc, key), **change))[0] in (400, 401)


def test_the_vendors_client_sends_what_they_take(mock_oauth2, key, folder):
    """azure-identity against the stranger: the very request that Keyferry's client makes too."""
    file = os.path.join(folder, "assertion")
    with open(file, "w") as stream:
        stream.write(assertion_for(mock_oauth2, key))
    credential = WorkloadIdentityCredential(
        tenant_id=azure.TENANT, client_id=CLIENT, token_file_path=file,
        authority=mock_oauth2.authority, disable_instance_discovery=True,
        connection_verify=mock_oauth2.ca_file)
    assert credential.get_token(entra.SCOPE).token.count(".") == 2
    with open(file, "w") as stream:
        stream.write("garbage")
    with pytest.raises(ClientAuthenticationError):
        WorkloadIdentityCredential(
            tenant_id=azure.TENANT, client_id=CLIENT, token_file_path=file,
            authority=mock_oauth2.authority, disable_instance_discovery=True,
            connection_verify=mock_oauth2.ca_file).get_token(entra.SCOPE)


# Keyferry's own token request, put to servers that nobody here wrote --------------------------------

@pytest.fixture
def stranger_cloud(folder, azure_store):
    """The dev store's vault, with another token endpoint."""
    def parameters(server):
        cloud, authorities = os.path.join(folder, "cloud.json"), os.path.join(folder, "ca.pem")
        with open(cloud, "w") as file:
            json.dump({"activeDirectoryEndpoint": server.authority,
                       "keyVaultDNSSuffix": "vault.azure.net",
                       "keyVaultEndpoint": "https://vault.azure.net"}, file)
        with open(authorities, "w") as file:
            for path in (server.ca_file, azure_store.ca_file):
                with open(path) as stream:
                    file.write(stream.read())
        return {"cloudEnvFileName": cloud, "caCertPath": authorities}
    return parameters


def pull_by(binaries, folder, store, parameters, assertion):
    """keyferry pull whose token comes from a stranger."""
    file = os.path.join(folder, "assertion")
    with open(file, "w") as stream:
        stream.write(assertion)
    os.chmod(file, 0o600)
    manifests = write_class(folder, store, [{"objectName": "x", "objectType": "secret"}],
                            clientID=CLIENT, **parameters)
    return pull(binaries, folder, manifests, "--token-file", f"{azure.AUDIENCE}={file}")


def test_mock_oauth2_server_takes_keyferrys_request(binaries, folder, azure_store, stranger_cloud,
                                                    key, mock_oauth2):
    """It gives a token, which our vault then refuses."""
    done = pull_by(binaries, folder, azure_store, stranger_cloud(mock_oauth2),
                   assertion_for(mock_oauth2, key))
    assert done.returncode != 0 and "AKV100" in done.stderr, done.stderr
    done = pull_by(binaries, folder, azure_store, stranger_cloud(mock_oauth2),
                   assertion_for(mock_oauth2, key, sub="another"))
    assert done.returncode != 0 and "AKV100" not in done.stderr, done.stderr


def test_oidc_provider_takes_keyferrys_request(binaries, folder, azure_store, stranger_cloud, key,
                                               oidc):
    """It grants a token for the assertion; once our vault has refused that, it refuses the same
    assertion, as it must."""
    before = len(oidc.program.lines)
    pull_by(binaries, folder, azure_store, stranger_cloud(oidc), assertion_for(oidc, key))
    oidc.program.wait_for_line(f"granted {CLIENT}", after=before)
    assert oidc.program.lines[before:] == [f"granted {CLIENT}"]


@pytest.mark.parametrize("claims", [{"aud": "https://elsewhere.example"}, {"exp": 1}])
def test_oidc_provider_refuses_keyferrys_request(binaries, folder, azure_store, stranger_cloud, key,
                                                 oidc, claims):
    before = len(oidc.program.lines)
    done = pull_by(binaries, folder, azure_store, stranger_cloud(oidc),
                   assertion_for(oidc, key, **claims))
    assert "HTTP 401" in done.stderr and oidc.program.lines[before:] == []
