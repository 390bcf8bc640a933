"""The dev store judged by hvac, a client of the Vault API that nobody here wrote."""
import hvac
import pytest
from conftest import seed


@pytest.fixture
def client(dev_store):
    return hvac.Client(url=dev_store.url, token=dev_store.root_token)


def test_health_and_seal(client):
    assert client.sys.is_initialized() and not client.sys.is_sealed()
    client.sys.seal()
    assert client.sys.is_sealed()
    client.sys.submit_unseal_key("any")
    assert not client.sys.is_sealed()


def test_versions_of_a_secret(client):
    kv = client.secrets.kv.v2
    for value in ("one", "two"):
        kv.create_or_update_secret(path="app", secret={"key": value})
    assert kv.read_secret_version(path="app", raise_on_deleted_version=True)["data"]["data"] == {
        "key": "two"}
    assert kv.read_secret_version(path="app", version=1, raise_on_deleted_version=True)[
        "data"]["data"] == {"key": "one"}
    assert kv.list_secrets(path="")["data"]["keys"] == ["app"]
    assert set(kv.read_secret_metadata(path="app")["data"]["versions"]) == {"1", "2"}
    with pytest.raises(hvac.exceptions.InvalidPath):
        kv.read_secret_version(path="none", raise_on_deleted_version=True)


def test_version_one_engine(client):
    client.sys.enable_secrets_engine("kv", path="kv1", options={"version": "1"})
    client.secrets.kv.v1.create_or_update_secret(path="app", secret={"key": "v"}, mount_point="kv1")
    assert client.secrets.kv.v1.read_secret(path="app", mount_point="kv1")["data"] == {"key": "v"}
    client.secrets.kv.v1.delete_secret(path="app", mount_point="kv1")
    with pytest.raises(hvac.exceptions.InvalidPath):
        client.secrets.kv.v1.read_secret(path="app", mount_point="kv1")


def test_a_login_reads_what_its_policy_allows_and_nothing_else(dev_store):
    seed(dev_store)
    pod = hvac.Client(url=dev_store.url)
    pod.auth.jwt.jwt_login(role="shop", jwt=dev_store.token(), path="kubernetes")
    assert pod.is_authenticated()
    read = pod.secrets.kv.v2.read_secret_version(path="shop-database",
                                                 raise_on_deleted_version=True)
    assert read["data"]["data"]["database-type"] == "PostgreSQL"
    with pytest.raises(hvac.exceptions.Forbidden):
        pod.secrets.kv.v2.read_secret_version(path="private", raise_on_deleted_version=True)


@pytest.mark.parametrize("claims", [{"account": "stranger"}, {"namespace": "other"},
                                    {"audience": "other"}, {"ttl": "-1h"}])
def test_other_tokens_are_refused(dev_store, claims):
    seed(dev_store)
    pod = hvac.Client(url=dev_store.url)
    with pytest.raises(hvac.exceptions.VaultError):
        pod.auth.jwt.jwt_login(role="shop", jwt=dev_store.token(**claims), path="kubernetes")
