"""The parts of the road for end-to-end tests: real servers, our programs over real sockets."""
import os
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tools"))

from peers import azure, programs, stores  # noqa: E402
from peers.example import EXAMPLE, SECRETS, manifests_for, seed, values_of  # noqa: E402,F401
from peers.fixtures import bao_program, binaries, folder, session_folder  # noqa: E402,F401
from peers.postgres import Postgres  # noqa: E402


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
def bao(binaries, session_folder, bao_program):
    path = os.path.join(session_folder, "bao")
    os.mkdir(path)
    server = stores.OpenBao(binaries, path, bao_program)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seeded_bao(bao):
    seed(bao)
    return bao


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
