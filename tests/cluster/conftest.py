"""A real Kubernetes for the tests, inside a machine of its own: see README.md beside this."""
import itertools
import os
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tools"))

from peers import stores  # noqa: E402
from peers.cluster import node  # noqa: E402
from peers.cluster.api_server import ApiServer  # noqa: E402
from peers.cluster.cluster import Cluster  # noqa: E402
from peers.cluster.programs import Programs  # noqa: E402
from peers.fixtures import bao_program, binaries, folder, session_folder  # noqa: E402,F401


@pytest.fixture(scope="session")
def cluster_programs():
    return Programs(os.environ["KEYFERRY_CLUSTER_PROGRAMS"])


@pytest.fixture(scope="session")
def cluster(cluster_programs):
    """One for the whole run; what a test makes there is in a namespace of its own."""
    cluster = Cluster(cluster_programs)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def api_server(cluster_programs, session_folder, request):
    """etcd and an API server alone, on loopback."""
    path = os.path.join(session_folder, f"api-server-{request.module.__name__}")
    os.mkdir(path)
    server = ApiServer(cluster_programs, path)
    yield server
    server.stop()


_numbers = itertools.count(1)


@pytest.fixture
def namespace(cluster):
    """A new namespace; its pods are gone when the test is over."""
    name = f"test-{next(_numbers)}"
    make_namespace(cluster, name)
    yield name
    cluster.kubectl("delete", "pods", "--all", "--namespace", name, "--now")


def make_namespace(cluster, name, *accounts):
    """Ready for pods: before there is a default service account they are refused."""
    cluster.kubectl("create", "namespace", name)
    for account in accounts:
        cluster.kubectl("create", "serviceaccount", account, "--namespace", name)
    cluster.wait("default service account", "get", "serviceaccount", "default", "--namespace", name)


def pod(name, namespace, **spec):
    """A pod that sleeps, unless its spec says otherwise."""
    container = {"name": "main", "image": node.PAUSE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
            "spec": {"terminationGracePeriodSeconds": 1, "containers": [container], **spec}}


@pytest.fixture(scope="session")
def bao(binaries, session_folder, bao_program, cluster):
    """At an address that pods reach too."""
    path = os.path.join(session_folder, "bao")
    os.mkdir(path)
    server = stores.OpenBao(binaries, path, bao_program, host=node.ADDRESS)
    yield server
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and isinstance(item.funcargs.get("cluster"), Cluster):
        report.sections.append(("the cluster", item.funcargs["cluster"].diagnosis()))
    return report
