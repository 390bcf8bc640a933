"""Watches of our Kubernetes client: a real API server that ends, comes back, and forgets."""
import contextlib
import dataclasses
import os
import pathlib
import subprocess
import time

import pytest

from judge import Judge
from peers.cluster.api_server import ApiServer, on_loopback


@pytest.fixture
def judge(binaries, api_server, folder):
    judge = Judge(binaries, api_server.kubectl.kubeconfig, log=f"{folder}/judge.log")
    judge.log = f"{folder}/judge.log"
    yield judge
    judge.stop()


@pytest.fixture
def space(api_server, request):
    """A namespace for this test: what it makes there, a label of its own."""
    name = request.node.name.replace("_", "-")[:40].strip("-")
    api_server.kubectl("create", "namespace", name)
    return Space(api_server.kubectl, name)


class Space:
    def __init__(self, kubectl, name):
        self._kubectl, self.name = kubectl, name

    def make(self, name, **labels):
        self._kubectl.apply({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"},
                             "metadata": {"name": name, "namespace": self.name, "labels": labels}})

    def remove(self, name):
        self._kubectl("delete", "configmap", name, "--namespace", self.name)

    def __call__(self, *names):
        return [f"{self.name}/{name}" for name in names]


def test_every_change_is_told(judge, space):
    space.make("a")
    watch = judge.watch("configmaps", namespace=space.name)
    watch.wait_objects(*space("a"))
    first = watch.look()["objects"][f"{space.name}/a"]
    space.make("b")
    space.make("a", changed="yes")
    space.remove("b")
    watch.wait_change(f"deleted {space.name}/b")
    assert watch.changes == [f"added {space.name}/a", "synced", f"added {space.name}/b",
                             f"modified {space.name}/a", f"deleted {space.name}/b"]
    assert int(watch.look()["objects"][f"{space.name}/a"]) > int(first)
    assert watch.look()["whole"]


def test_what_leaves_a_selector_is_deleted(judge, space):
    space.make("a", app="web")
    space.make("b", app="db")
    watch = judge.watch("configmaps", namespace=space.name, labels="app=web", detail="metadata")
    watch.wait_objects(*space("a"))
    space.make("b", app="web")
    watch.wait_objects(*space("a", "b"))
    space.make("a", app="other")
    watch.wait_objects(*space("b"))
    assert not watch.look()["whole"]


def test_pods_of_a_node(judge, api_server, space):
    def pod(name, node):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": space.name},
                "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]}}
    api_server.kubectl.apply(pod("ours", "node1"), pod("theirs", "node2"))
    watch = judge.watch("pods", fields="spec.nodeName=node1")
    watch.wait_objects(*space("ours"))
    api_server.kubectl.apply(pod("more", "node1"), pod("others", "node2"))
    watch.wait_objects(*space("ours", "more"))


def test_nothing_is_lost_while_the_server_is_away(judge, api_server, space):
    space.make("a")
    watch = judge.watch("configmaps", namespace=space.name)
    watch.wait_objects(*space("a"))
    api_server.stop_serving()
    watch.wait_for(lambda look: "trouble" in look, "trouble is known")
    assert list(watch.look()["objects"]) == space("a")  # what is known stays known
    api_server.serve()
    space.make("b")
    space.remove("a")
    watch.wait_objects(*space("b"))
    # It may be heard before the server has told that it is watched again.
    watch.wait_for(lambda look: "trouble" not in look, "trouble is over")
    assert watch.changes.count(f"added {space.name}/a") == 1
    assert watch.changes.count("synced") == 1


def test_after_a_compaction_everything_is_listed_anew(judge, api_server, space):
    space.make("stays")
    space.make("goes")
    watch = judge.watch("configmaps", namespace=space.name)
    watch.wait_objects(*space("stays", "goes"))
    judge.pause()  # as a node that sleeps: it sees neither the changes nor the end of its connection
    api_server.stop_serving()  # before them, as the kernel would keep them for it
    api_server.serve()
    space.remove("goes")
    space.make("comes")
    space.make("stays", changed="yes")
    api_server.stop_serving()
    api_server.serve()
    api_server.compact()
    for number in range(3):
        space.make("last", number=str(number))
    judge.go_on()
    watch.wait_objects(*space("stays", "comes", "last"))
    with open(judge.log) as log:
        assert "a watch begins anew" in log.read()
    assert f"deleted {space.name}/goes" in watch.changes
    assert f"modified {space.name}/stays" in watch.changes
    space.make("after")
    watch.wait_change(f"added {space.name}/after")


def test_a_list_over_many_pages_is_one(judge, space):
    for number in range(12):
        judge.put("create", "configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": f"m-{number}", "namespace": space.name}})
    watch = judge.watch("configmaps", namespace=space.name)
    watch.wait_objects(*space(*(f"m-{number}" for number in range(12))))


def test_a_kind_that_comes_later_is_watched_then(judge, api_server, space):
    """The agent may start before the CustomResourceDefinitions are there."""
    watch = judge.watch("classes")
    watch.wait_for(lambda look: "CustomResourceDefinition may be missing" in look.get("trouble", ""),
                   "trouble names the definition")
    api_server.kubectl("apply", "-f", str(pathlib.Path(__file__).parent / "secrets_store_crds.yaml"))
    watch.wait_synced()


def test_a_watch_ends_at_once(judge, space):
    watch = judge.watch("configmaps", namespace=space.name)
    watch.wait_synced()
    began = time.monotonic()
    watch.end()
    assert time.monotonic() - began < 1


@contextlib.contextmanager
def an_address(address):
    """On loopback, in the machine that this suite runs in; gone when the test wants it to be."""
    assert "KEYFERRY_CLUSTER_GROUP" in os.environ, "run it by ./run test cluster"

    def change(*words):
        subprocess.run(["ip", *words], check=True)
    change("addr", "add", f"{address}/32", "dev", "lo")

    def unplug():
        change("addr", "del", f"{address}/32", "dev", "lo")
        change("route", "add", "blackhole", f"{address}/32")

    def plug():
        change("route", "del", "blackhole", f"{address}/32")
        change("addr", "add", f"{address}/32", "dev", "lo")
    yield unplug, plug
    change("addr", "del", f"{address}/32", "dev", "lo")


def test_a_server_that_is_cut_off_is_noticed_within_a_minute(binaries, cluster_programs, folder):
    """No byte says that the connection is dead. The one test that has to wait."""
    place = dataclasses.replace(on_loopback(), address="10.98.0.1")
    with an_address(place.address) as (unplug, plug):
        server = ApiServer(cluster_programs, folder, place)
        judge = Judge(binaries, server.kubectl.kubeconfig)
        try:
            watch = judge.watch("nodes")
            watch.wait_synced()
            unplug()
            watch.wait_for(lambda look: "trouble" in look, "trouble is known", seconds=80)
            plug()
            watch.wait_for(lambda look: "trouble" not in look, "trouble is over")
            server.kubectl.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "later"}})
            watch.wait_change("added later")
        finally:
            judge.stop()
            server.stop()
