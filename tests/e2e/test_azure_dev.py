"""The dev store's Azure face judged by the vendor's own clients, with their challenge check on.

They ask for the real names; a proxy leads those to the dev store, whose certificate is for them.
"""
import datetime
import os

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import (ClientSecretCredential, CredentialUnavailableError,
                            ManagedIdentityCredential, WorkloadIdentityCredential)
from azure.keyvault.secrets import SecretClient
from peers import azure
from peers.names import Names
from peers.programs import run

VAULT_URL = f"https://{azure.VAULT}.vault.azure.net"


@pytest.fixture(scope="module")
def store(azure_store):
    return azure_store


@pytest.fixture(scope="module")
def options(store):
    """What makes a vendor's client find the dev store: nothing is weakened."""
    names = Names({"vault.azure.net": store.port, azure.LOGIN: store.port})
    yield {"proxies": {"https": names.url}, "connection_verify": store.ca_file, "retry_total": 0}
    names.stop()


@pytest.fixture(scope="module")
def writer(store, options):
    return ClientSecretCredential(azure.TENANT, azure.WRITER, store.writer_secret, **options)


@pytest.fixture(scope="module")
def secrets(writer, options):
    return SecretClient(VAULT_URL, writer, **options)


@pytest.mark.parametrize("version", ["7.4", "7.6", "2025-07-01", "2026-04-01"])
def test_a_secret_is_written_and_read(writer, options, version):
    client = SecretClient(VAULT_URL, writer, api_version=version, **options)
    name = "written-" + version.replace(".", "-")
    written = client.set_secret(name, "välue\n", content_type="text/plain", tags={"a": "b"})
    read = client.get_secret(name)
    assert read.value == "välue\n" and read.properties.version == written.properties.version
    assert read.properties.content_type == "text/plain" and read.properties.tags == {"a": "b"}
    assert read.properties.enabled and read.properties.created_on and read.properties.updated_on
    assert read.id == f"{VAULT_URL}/secrets/{name}/{written.properties.version}"
    assert read.properties.vault_url == VAULT_URL and read.properties.key_id is None


def test_the_newest_version_is_read_unless_one_is_named(secrets):
    versions = [secrets.set_secret("history", text).properties.version for text in "abcd"]
    assert secrets.get_secret("history").value == "d"
    assert [secrets.get_secret("history", version).value for version in versions] == list("abcd")
    listed = list(secrets.list_properties_of_secret_versions("history"))
    by_age = sorted(listed, key=lambda properties: properties.created_on)
    assert [properties.version for properties in by_age] == versions
    assert len({properties.created_on for properties in listed}) == 4


def test_names_are_found_in_any_case(secrets):
    secrets.set_secret("Case-Of-Name", "x")
    assert secrets.get_secret("case-of-name").name == "Case-Of-Name"


def test_lists_come_in_pages(secrets, store):
    for number in range(60):
        secrets.set_secret(f"page-{number:02}", "x")
    store.forget_requests()
    names = [item.name for item in secrets.list_properties_of_secrets()]
    assert [name for name in names if name.startswith("page-")] == [
        f"page-{number:02}" for number in range(60)]
    assert sum(entry["path"] == "/secrets" for entry in store.requests()) >= 3
    pages = list(secrets.list_properties_of_secrets(max_page_size=20).by_page())
    assert all(len(list(page)) <= 20 for page in pages) and len(pages) >= 3


def test_attributes_are_changed_and_a_disabled_secret_is_not_read(secrets):
    made = secrets.set_secret("disabled", "x", enabled=False)
    with pytest.raises(HttpResponseError) as refused:
        secrets.get_secret("disabled")
    assert refused.value.status_code == 403 and refused.value.error.code == "Forbidden"
    assert refused.value.error.innererror["code"] == "SecretDisabled"
    changed = secrets.update_secret_properties("disabled", enabled=True, content_type="a/b")
    assert changed.enabled and changed.version == made.properties.version
    assert secrets.get_secret("disabled").properties.content_type == "a/b"


def test_an_expired_secret_is_read_all_the_same(secrets):
    past, future = (datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
                    + datetime.timedelta(days=days) for days in (-2, 2))
    secrets.set_secret("expired", "x", expires_on=past)
    secrets.set_secret("not-yet", "x", not_before=future)
    assert secrets.get_secret("expired").properties.expires_on == past
    assert secrets.get_secret("not-yet").properties.not_before == future


def test_a_deleted_secret_is_recovered_or_purged(secrets):
    secrets.set_secret("deleted", "one")
    deleted = secrets.begin_delete_secret("deleted").result()
    assert deleted.recovery_id == f"{VAULT_URL}/deletedsecrets/deleted"
    with pytest.raises(ResourceNotFoundError) as missing:
        secrets.get_secret("deleted")
    assert missing.value.error.code == "SecretNotFound"
    with pytest.raises(HttpResponseError) as conflict:
        secrets.set_secret("deleted", "two")
    assert conflict.value.status_code == 409
    assert [item.name for item in secrets.list_deleted_secrets()] == ["deleted"]
    secrets.begin_recover_deleted_secret("deleted").wait()
    assert secrets.get_secret("deleted").value == "one"
    secrets.begin_delete_secret("deleted").wait()
    secrets.purge_deleted_secret("deleted")
    with pytest.raises(ResourceNotFoundError):
        secrets.get_deleted_secret("deleted")
    assert secrets.set_secret("deleted", "two").value == "two"


def test_what_is_missing_or_misspelt_is_told(secrets):
    secrets.set_secret("there", "x")
    for name, version in (("nowhere", None), ("there", "0" * 32)):
        with pytest.raises(ResourceNotFoundError) as missing:
            secrets.get_secret(name, version)
        assert missing.value.error.code == "SecretNotFound"
    for name, version in (("under_score", None), ("there", "latest")):
        with pytest.raises(HttpResponseError) as bad:
            secrets.get_secret(name, version)
        assert bad.value.status_code == 400 and bad.value.error.code == "BadParameter"


def test_an_api_version_nobody_has_is_refused(store):
    for query in ("", "?api-version=1.0"):
        status, body = store.call("GET", f"/secrets/there{query}")
        assert status == 400 and "version" in body["error"]["message"]


def test_other_addresses_of_the_dev_store(store, secrets):
    """By its own port: a name below localhost passes the vendor's check; localhost itself does not
    until the check is turned off, as anywhere."""
    secrets.set_secret("elsewhere", "x")
    names = Names({"localhost": store.port})
    options = {"proxies": {"https": names.url}, "connection_verify": store.ca_file}
    login = ClientSecretCredential(azure.TENANT, azure.WRITER, store.writer_secret,
                                   authority=store.url, disable_instance_discovery=True, **options)
    try:
        below = SecretClient(f"https://{azure.VAULT}.localhost:{store.port}", login, **options)
        assert below.get_secret("elsewhere").value == "x"
        with pytest.raises(ValueError, match="challenge resource"):
            SecretClient(store.url, login, **options).get_secret("elsewhere")
        itself = SecretClient(store.url, login, verify_challenge_resource=False, **options)
        assert itself.get_secret("elsewhere").value == "x"
    finally:
        names.stop()


def test_a_token_for_another_api_or_tenant_or_nobody_is_refused(store, writer, options):
    for token in ("garbage", writer.get_token("https://management.azure.com/.default").token,
                  writer.get_token("https://vault.azure.net/.default").token[:-4] + "AAAA"):
        status, body = store.call("GET", "/secrets/there?api-version=7.4", token=token)
        assert status == 401 and body["error"]["code"] == "Unauthorized", body


def test_a_busy_vault_says_when_to_come_back(store, secrets, writer, options):
    secrets.set_secret("busy", "x")
    store.fault(path="/secrets/busy/", status=429, retry_after=7)
    with pytest.raises(HttpResponseError) as refused:
        secrets.get_secret("busy")
    assert refused.value.status_code == 429 and refused.value.error.code == "Throttled"
    assert refused.value.response.headers["Retry-After"] == "7"
    store.fault(path="/secrets/busy/", status=429, retry_after=0)
    patient = SecretClient(VAULT_URL, writer, **{**options, "retry_total": 3})
    assert patient.get_secret("busy").value == "x"


# Who is refused what, in the words of the real one --------------------------------------------------

def workload(store, options, client=azure.CLIENT, tenant=azure.TENANT, token_file=None, **claims):
    return WorkloadIdentityCredential(tenant_id=tenant, client_id=client,
                                      token_file_path=token_file or store.token_file(**claims),
                                      **options)


def test_a_service_account_reads_what_its_role_allows(store, secrets, options):
    secrets.set_secret("for-the-app", "x")
    reader = SecretClient(VAULT_URL, workload(store, options), **options)
    assert reader.get_secret("for-the-app").value == "x"
    assert "for-the-app" in [item.name for item in reader.list_properties_of_secrets()]
    with pytest.raises(HttpResponseError) as refused:
        reader.set_secret("for-the-app", "y")
    error = refused.value.error
    assert refused.value.status_code == 403 and error.innererror["code"] == "ForbiddenByRbac"
    assert f"appid={azure.CLIENT}" in error.message and "setSecret/action" in error.message


def test_access_policies_and_roles_on_one_secret(store, secrets, options):
    policies, scoped = azure.MORE_VAULTS
    store.seed({"vaults": {
        policies: {"tenant": azure.TENANT, "secrets": {"a": "1"}, "access_policies": [
            {"app": azure.CLIENT, "secrets": ["list"]}]},
        scoped: {"tenant": azure.TENANT, "secrets": {"a": "1", "b": "2"}, "role_assignments": [
            {"app": azure.CLIENT, "role": "Key Vault Secrets User", "scope": "secrets/b"}]}}})
    credential = workload(store, options)
    by_policy = SecretClient(f"https://{policies}.vault.azure.net", credential, **options)
    with pytest.raises(HttpResponseError) as refused:
        by_policy.get_secret("a")
    assert refused.value.error.innererror["code"] == "AccessDenied"
    assert f"does not have secrets get permission on key vault '{policies};" in refused.value.message
    one = SecretClient(f"https://{scoped}.vault.azure.net", credential, **options)
    assert one.get_secret("b").value == "2"
    with pytest.raises(HttpResponseError):
        one.get_secret("a")


@pytest.mark.parametrize("code, change", [
    (700211, {"issuer": "https://elsewhere.example/"}),
    (700213, {"account": "stranger"}),
    (700213, {"namespace": "other"}),
    (7002138, {"account": "SHOP"}),
    (700212, {"audience": "vault"}),
    (700024, {"ttl": "-1h"}),
    (90002, {"tenant": "99999999-2222-3333-4444-555555555555"}),
    (700016, {"client": "99999999-0000-4000-8000-000000000001"}),
    (700211, {"client": azure.WRITER})])
def test_an_assertion_that_does_not_fit_is_refused_with_the_code_for_it(store, options, code, change):
    with pytest.raises(ClientAuthenticationError) as refused:
        workload(store, options, **change).get_token("https://vault.azure.net/.default")
    assert f"AADSTS{code}: " in refused.value.message and "Trace ID: " in refused.value.message


def test_a_forged_or_broken_assertion_is_refused(store, options, folder):
    own = os.path.join(folder, "own-key.pem")
    run([store.dev, "key", "--out", own], check=True)
    forged = run([store.dev, "token", "--key", own, "--namespace", azure.NAMESPACE,
                  "--service-account", azure.ACCOUNT, "--audience", azure.AUDIENCE, "--issuer",
                  azure.ISSUER], check=True).stdout
    for text, code in ((forged, 7000272), ("not.a.token", 50027)):
        file = os.path.join(folder, str(code))
        with open(file, "w") as stream:
            stream.write(text)
        with pytest.raises(ClientAuthenticationError, match=f"AADSTS{code}: "):
            workload(store, options, token_file=file).get_token("https://vault.azure.net/.default")


@pytest.mark.parametrize("code, scope, secret", [
    (7000215, "https://vault.azure.net/.default", "wrong"),
    (7000222, "https://vault.azure.net/.default", "old"),
    (500011, "https://unknown.example/.default", None),
    (1002012, "https://vault.azure.net/read", None)])
def test_a_service_principal_is_refused(store, options, code, scope, secret):
    store.seed({"tenants": {azure.TENANT: {"apps": {"expired": {"expired_secrets": ["old"]}}}}})
    client = "expired" if secret == "old" else azure.WRITER
    credential = ClientSecretCredential(azure.TENANT, client, secret or store.writer_secret,
                                        **options)
    with pytest.raises(ClientAuthenticationError, match=f"AADSTS{code}: "):
        credential.get_token(scope)


def test_a_token_says_whom_it_speaks_for_and_is_signed(store, writer, options):
    """Read with PyJWT by the key that the key set publishes."""
    token = writer.get_token("https://vault.azure.net/.default").token
    metadata = store.must("GET", f"/{azure.TENANT}/v2.0/.well-known/openid-configuration")
    assert metadata["token_endpoint"] == f"{store.url}/{azure.TENANT}/oauth2/v2.0/token"
    keys = jwt.PyJWKSet.from_dict(store.must("GET", f"/{azure.TENANT}/discovery/v2.0/keys"))
    claims = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]],
                        algorithms=["ES256"], audience="https://vault.azure.net",
                        issuer=f"https://sts.windows.net/{azure.TENANT}/")
    assert claims["appid"] == azure.WRITER and claims["tid"] == azure.TENANT
    assert claims["oid"] == claims["sub"] and claims["exp"] - claims["iat"] == 3599


# The machine's own identity, and the cluster's token proxy ------------------------------------------

@pytest.fixture
def machine(store, options, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", store.url)
    return {**options, "proxies": {}}


@pytest.mark.parametrize("name", [{}, {"client_id": azure.CLIENT}, {"identity_config": {
    "resource_id": azure.RESOURCE_ID}}])
def test_the_machines_identity_reads(store, secrets, options, machine, name):
    secrets.set_secret("for-the-machine", "x")
    credential = ManagedIdentityCredential(**name, **machine)
    reader = SecretClient(VAULT_URL, credential, **options)
    assert reader.get_secret("for-the-machine").value == "x"


def test_an_identity_the_machine_does_not_have(store, machine):
    with pytest.raises((CredentialUnavailableError, ClientAuthenticationError),
                       match="Identity not found"):
        ManagedIdentityCredential(client_id=azure.WRITER, **machine).get_token(
            "https://vault.azure.net/.default")


@pytest.mark.parametrize("query, headers, words", [
    ("api-version=2018-02-01&resource=https://vault.azure.net", {}, "Required metadata header"),
    ("api-version=2018-02-01&resource=https://vault.azure.net",
     {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}, "X-Forwarded-For"),
    ("resource=https://vault.azure.net", {"Metadata": "true"}, "api-version"),
    ("api-version=2018-02-01", {"Metadata": "true"}, "audience"),
    ("api-version=2018-02-01&resource=https://unknown.example", {"Metadata": "true"}, "500011")])
def test_the_metadata_service_refuses(store, query, headers, words):
    status, body = store.call("GET", f"/metadata/identity/oauth2/token?{query}", headers=headers)
    assert status == 400 and words in body["error_description"]


def test_the_metadata_service_writes_numbers_as_texts(store):
    answer = store.call(
        "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01"
        "&resource=https://vault.azure.net", headers={"Metadata": "true"})[1]
    assert answer["expires_in"].isdecimal() and answer["expires_on"].isdecimal()
    assert answer["client_id"] == azure.CLIENT and answer["token_type"] == "Bearer"


def test_the_clusters_token_proxy(store, secrets, options, monkeypatch):
    """Identity binding: the token request goes to the proxy that the environment names, under
    a server name of its own, with an assertion for the proxy's audience."""
    secrets.set_secret("by-proxy", "x")
    monkeypatch.setenv("AZURE_KUBERNETES_TOKEN_PROXY", store.url)
    monkeypatch.setenv("AZURE_KUBERNETES_SNI_NAME", azure.PROXY_NAME)
    monkeypatch.setenv("AZURE_KUBERNETES_CA_FILE", store.ca_file)
    credential = WorkloadIdentityCredential(
        tenant_id=azure.TENANT, client_id=azure.CLIENT, enable_azure_proxy=True,
        token_file_path=store.token_file(audience=azure.PROXY_AUDIENCE))
    store.forget_requests()
    reader = SecretClient(VAULT_URL, credential, **options)
    assert reader.get_secret("by-proxy").value == "x"
    assert any(entry["path"].endswith("/oauth2/v2.0/token") for entry in store.requests())
