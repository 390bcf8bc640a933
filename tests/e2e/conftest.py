"""The parts of the road for end-to-end tests: real servers, our programs over real sockets."""
import os
import pathlib
import shutil
import sys
import tempfile

import pytest
import yaml

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tools"))

from peers import azure, programs, stores  # noqa: E402
from peers.postgres import Postgres  # noqa: E402

EXAMPLE = TOP / "examples" / "vault"


@pytest.fixture(scope="session")
def binaries():
    return programs.Binaries(str(TOP / os.environ["KEYFERRY_BINARIES"]))


@pytest.fixture
def folder():
    """In memory, gone afterwards."""
    path = tempfile.mkdtemp(prefix="keyferry-e2e-", dir="/dev/shm")
    os.chmod(path, 0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def session_folder():
    path = tempfile.mkdtemp(prefix="keyferry-e2e-session-", dir="/dev/shm")
    os.chmod(path, 0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(session_folder):
    server = Postgres(os.path.join(session_folder, "postgres"))
    yield server
    server.stop()


@pytest.fixture
def dev_store(binaries, folder):
    server = stores.DevStore(binaries, folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def azure_store(binaries, session_folder):
    path = os.path.join(session_folder, "azure")
    os.mkdir(path)
    server = azure.AzureDevStore(binaries, path)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def bao_program():
    return str(TOP / os.environ["KEYFERRY_BAO"])


@pytest.fixture(scope="session")
def bao(binaries, session_folder, bao_program):
    path = os.path.join(session_folder, "bao")
    os.mkdir(path)
    server = stores.OpenBao(binaries, path, bao_program)
    yield server
    server.stop()


SECRETS = {
    "shop-database": {
        "database-type": "PostgreSQL", "database-username": "shop", "database-password": "pw-one!",
        "database-host": "127.0.0.1:5432", "database-name": "shop",
        "database-jdbc-url": "jdbc:postgresql://127.0.0.1:5432/shop?sslmode=prefer"},
    "shop-files": {
        "storage-service-name": "com.mendix.storage.s3", "storage-bucket-name": "subdirectory",
        "storage-endpoint": "https://my-app-bucket.s3.eu-west-1.amazonaws.com",
        "storage-access-key-id": "AKIAEXAMPLE", "storage-secret-access-key": "secret-key-one",
        "storage-use-ca-certificates": "true", "storage-perform-delete": "true"},
    "shop-configuration": {
        "mx-admin-password": "Admin-one-1!", "mx-debugger-password": "debug-one",
        "mx-const-MyFirstModule.MyConstant": "constant-one",
        "com.mendix.storage.s3.EncryptionKeys":
            '[{"keyID":"first","algorithm":"AES","key":"AAAAAAAAAAAAAAAAAAAAAA=="}]'}}


def seed(store, **changes):
    """The walk-through's secrets; changes: {secret: {field: value}}."""
    for path, fields in SECRETS.items():
        store.write(path, {**fields, **changes.get(path.replace("-", "_"), {})})
    store.set_up_login([f"secret/data/{path}" for path in SECRETS])


@pytest.fixture(scope="session")
def seeded_bao(bao):
    seed(bao)
    return bao


def manifests_for(store, folder, change=None):
    """A copy of the example that asks this store; `change` edits the SecretProviderClass."""
    path = os.path.join(folder, "manifests")
    shutil.copytree(EXAMPLE, path, ignore=shutil.ignore_patterns("mistakes"))
    file = os.path.join(path, "secretproviderclass.yaml")
    with open(file) as stream:
        spc = yaml.safe_load(stream)
    spc["spec"]["parameters"]["vaultAddress"] = store.url
    if change:
        change(spc["spec"]["parameters"])
    with open(file, "w") as stream:
        yaml.safe_dump(spc, stream)
    return path


def values_of(secrets=None):
    """Every value that must be seen nowhere (short and public ones left out)."""
    hidden = ("password", "secret", "const", "Encryption")
    return [value for fields in (secrets or SECRETS).values() for key, value in fields.items()
            if any(word in key for word in hidden)]


@pytest.fixture
def road(binaries, folder, dev_store, postgres):
    """Store, manifests, a runtime connected to PostgreSQL, and what starts the rest."""
    road = Road(binaries, folder, dev_store, postgres)
    yield road
    road.stop()


class Road:
    def __init__(self, binaries, folder, store, postgres):
        self.binaries, self.folder, self.store, self.postgres = binaries, folder, store, postgres
        self.out = os.path.join(folder, "secrets")
        self._parts = []
        postgres.sql("DROP DATABASE IF EXISTS shop")
        postgres.sql("DROP ROLE IF EXISTS shop")
        postgres.make_user("shop", "pw-one!")
        postgres.make_database("shop", "shop")
        host = f"127.0.0.1:{postgres.port}"
        seed(store, shop_database={"database-host": host,
                                   "database-jdbc-url": f"jdbc:postgresql://{host}/shop"})
        self.manifests = manifests_for(store, folder)
        self.app = os.path.join(self.manifests, "mendixapp.yaml")
        self.token_file = store.token_file()

    def keep(self, part):
        self._parts.append(part)
        return part

    def pull(self, *arguments):
        return programs.run([self.binaries.keyferry, "pull", "-f", self.manifests, "--out",
                             self.out, "--token-file", f"vault={self.token_file}", *arguments])

    def watch(self, every="100ms"):
        from peers.process import Program
        program = self.keep(Program(
            [self.binaries.keyferry, "pull", "-f", self.manifests, "--out", self.out, "--watch",
             every, "--token-file", f"vault={self.token_file}"], name="keyferry pull"))
        program.wait_for_line("set written")
        return program

    def runtime(self, *arguments):
        return self.keep(programs.Runtime(self.binaries, self.folder, *arguments))

    def sidecar(self, runtime, *arguments, app=None):
        return self.keep(programs.Sidecar(self.binaries, app or self.app, self.out, runtime,
                                          *arguments))

    def stop(self):
        for part in reversed(self._parts):
            part.stop()
