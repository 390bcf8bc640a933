"""The dev store's Azure face judged by the vendor's own clients, with their challenge check on.

They ask for the real names; a proxy leads those to the dev store, whose certificate is for them.
"""
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
from peers import azure
from peers.names import Names

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
