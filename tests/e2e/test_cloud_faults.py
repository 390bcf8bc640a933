"""The AWS and the Azure face of the dev store behind a network that delays, cuts and resets
(toxiproxy): nothing half is written, the error says where to look, and it goes on by itself."""
import json
import os

import pytest
from peers import aws, azure, programs
from peers.toxiproxy import Toxiproxy

NAMES = ["shop-user", "shop-password"]


class Aws:
    words = "reachable from here?"

    def __init__(self, binaries, folder, azure_store):
        self.store = aws.AwsDevStore(binaries, folder, seed={
            "secrets": {name: f"value of {name}" for name in NAMES}})
        self.store.seed(roles={aws.ROLE: {"trust": aws.trust_of(), "policies": {
            "read": aws.policy_of(["secretsmanager:*"])}}})
        self.upstream = self.store.url.removeprefix("http://")
        self.audience = aws.AUDIENCE

    def spc(self, address):
        objects = [{"objectName": name, "objectType": "secretsmanager"} for name in NAMES]
        return "aws", {"region": aws.REGION, "endpointUrl": f"http://{address}",
                       "objects": json.dumps(objects)}

    def identity(self):
        return {"name": aws.SERVICE_ACCOUNT, "namespace": aws.NAMESPACE,
                "annotations": {"eks.amazonaws.com/role-arn": aws.role_arn()}}

    def stop(self):
        self.store.stop()


class Azure:
    words = "reachable from here?"

    def __init__(self, binaries, folder, azure_store):
        self.store = azure_store
        for name in NAMES:
            self.store.set_secret(name, f"value of {name}")
        self.upstream = f"127.0.0.1:{self.store.port}"
        self.audience = azure.AUDIENCE

    def spc(self, address):
        objects = [json.dumps({"objectName": name, "objectType": "secret"}) for name in NAMES]
        return "azure", {"keyvaultName": azure.VAULT, "tenantID": azure.TENANT,
                         "clientID": azure.CLIENT, **self.store.parameters(),
                         "endpointUrl": f"https://{address}",
                         "objects": json.dumps({"array": objects})}

    def identity(self):
        return {"name": azure.ACCOUNT, "namespace": azure.NAMESPACE}

    def stop(self):
        """The session's own."""


@pytest.fixture(scope="module", params=[Aws, Azure], ids=["aws", "azure"])
def cloud(request, binaries, session_folder, azure_store):
    path = os.path.join(session_folder, f"faults-{request.param.__name__}")
    os.mkdir(path)
    cloud = request.param(binaries, path, azure_store)
    cloud.proxy = Toxiproxy(os.environ["KEYFERRY_TOXIPROXY"])
    cloud.address = cloud.proxy.forward(cloud.upstream)
    yield cloud
    cloud.proxy.stop()
    cloud.stop()


@pytest.fixture
def manifests(cloud, folder):
    cloud.proxy.heal()
    provider, parameters = cloud.spc(cloud.address)
    account = cloud.identity()
    path = os.path.join(folder, "manifests.json")
    with open(path, "w") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
            {"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
             "metadata": {"name": account["name"], "namespace": account["namespace"]},
             "spec": {"provider": provider, "parameters": parameters}}]}, file)
    yield path
    cloud.proxy.heal()


def pull(binaries, cloud, manifests, folder, *arguments):
    token = f"{cloud.audience}={cloud.store.token_file()}"
    return programs.run([binaries.keyferry, "pull", "-f", manifests, "--out",
                         os.path.join(folder, "out"), "--token-file", token, *arguments])


FAULTS = {"reset": ("reset_peer", {"timeout": 0}), "cut": ("limit_data", {"bytes": 100}),
          "silence": ("timeout", {"timeout": 0}),
          "closed without an answer": ("timeout", {"timeout": 50}),
          "slower than the patience": ("latency", {"latency": 20_000, "jitter": 0})}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pull_through_a_fault_writes_nothing_and_says_where_to_look(
        binaries, cloud, manifests, folder, fault):
    kind, attributes = FAULTS[fault]
    cloud.proxy.poison(kind, **attributes)
    refused = pull(binaries, cloud, manifests, folder, "--timeout", "3s")
    assert refused.returncode == 1
    assert cloud.address in refused.stderr and cloud.words in refused.stderr
    assert not os.path.exists(os.path.join(folder, "out", "..data"))
    cloud.proxy.heal()
    assert pull(binaries, cloud, manifests, folder).returncode == 0


def test_a_slow_network_is_waited_for(binaries, cloud, manifests, folder):
    cloud.proxy.poison("latency", latency=150, jitter=20)
    cloud.proxy.poison("slicer", average_size=64, size_variation=16, delay=1000)
    done = pull(binaries, cloud, manifests, folder)
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        with open(os.path.join(folder, "out", name)) as file:
            assert file.read() == f"value of {name}"
