"""Login by Kubernetes: OpenBao asks the API server what a service account's token is worth."""
import os
import subprocess

import hvac
import pytest
from conftest import make_namespace
from peers import example, stores
from peers.cluster import images, node
from peers.process import wait_until

NAMESPACE, ACCOUNT = stores.NAMESPACE, stores.ACCOUNT
REVIEWER = "vault"  # service account and namespace that OpenBao asks with


@pytest.fixture(scope="module")
def vault(cluster, bao):
    """OpenBao with the walk-through's secrets, and a login for one service account."""
    make_namespace(cluster, REVIEWER, REVIEWER)
    cluster.kubectl("create", "clusterrolebinding", "vault-asks-about-tokens",
                    "--clusterrole=system:auth-delegator", f"--serviceaccount={REVIEWER}:{REVIEWER}")
    make_namespace(cluster, NAMESPACE, ACCOUNT, "stranger")
    reviewer = cluster.kubectl("create", "token", REVIEWER, "--namespace", REVIEWER).strip()
    bao.set_up_kubernetes_login(cluster.server.url, cluster.server.pki.ca, reviewer)
    bao.set_up_policy(example.PATHS)
    bao.set_up_kubernetes_role()
    example.write_secrets(bao)
    return bao


def login(vault, token):
    client = hvac.Client(url=vault.url)
    client.auth.kubernetes.login(role=stores.ROLE, jwt=token)
    return client


def test_a_service_account_logs_in_and_reads_its_secret(vault, cluster):
    client = login(vault, cluster.kubectl.token(ACCOUNT, "vault", NAMESPACE))
    read = client.secrets.kv.v2.read_secret_version(path="shop-database", raise_on_deleted_version=True)
    assert read["data"]["data"] == example.SECRETS["shop-database"]
    with pytest.raises(hvac.exceptions.Forbidden):
        client.secrets.kv.v2.read_secret_version(path="of-others", raise_on_deleted_version=True)


@pytest.mark.parametrize("account, audience", [("stranger", "vault"), (ACCOUNT, "somebody-else")])
def test_another_account_or_audience_is_refused(vault, cluster, account, audience):
    with pytest.raises((hvac.exceptions.Forbidden, hvac.exceptions.InvalidRequest)):
        login(vault, cluster.kubectl.token(account, audience, NAMESPACE))


@pytest.fixture(scope="module")
def keyferry_image(cluster, binaries):
    image = images.of_programs("keyferry", {"keyferry": binaries.keyferry})
    cluster.load(image)
    return image.name


def pull_pod(name, image, account=ACCOUNT):
    """An init container pulls with a projected token; a container beside it sees the files."""
    token = {"serviceAccountToken": {"path": "vault", "audience": "vault", "expirationSeconds": 600}}
    mounts = [{"name": name, "mountPath": path} for name, path in (
        ("manifests", "/manifests"), ("tokens", "/run/secrets/tokens"), ("secrets", "/mnt/secrets"))]
    pull = {"name": "pull", "image": image, "volumeMounts": mounts,
            "command": ["keyferry", "pull", "-f", "/manifests", "--out", "/mnt/secrets/out",
                        "--token-file", "vault=/run/secrets/tokens/vault"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"serviceAccountName": account, "terminationGracePeriodSeconds": 1,
                     "restartPolicy": "Never", "initContainers": [pull],
                     "containers": [{"name": "app", "image": node.PAUSE, "volumeMounts": mounts}],
                     "volumes": [{"name": "manifests", "configMap": {"name": "manifests"}},
                                 {"name": "tokens", "projected": {"sources": [token]}},
                                 {"name": "secrets", "emptyDir": {"medium": "Memory"}}]}}


@pytest.fixture(scope="module")
def manifests(vault, cluster, session_folder):
    path = example.manifests_for(vault, session_folder)
    cluster.kubectl("create", "configmap", "manifests", "--namespace", NAMESPACE, f"--from-file={path}")


def files_in(cluster, pod):
    """{file: text} of the set that a container of this pod sees."""
    names = cluster.run_in(pod, "ls", "/mnt/secrets/out", namespace=NAMESPACE).split()
    return {name: cluster.run_in(pod, "cat", f"/mnt/secrets/out/{name}", namespace=NAMESPACE)
            for name in names}


@pytest.mark.usefixtures("manifests")
def test_pull_in_a_pod_writes_what_hvac_reads(vault, cluster, keyferry_image):
    cluster.kubectl.apply(pull_pod("pulls", keyferry_image))
    cluster.wait_ready("pulls", NAMESPACE)
    client = login(vault, cluster.kubectl.token(ACCOUNT, "vault", NAMESPACE))
    expected = {}
    for path in example.SECRETS:
        expected |= client.secrets.kv.v2.read_secret_version(
            path=path, raise_on_deleted_version=True)["data"]["data"]
    keys = expected.pop("com.mendix.storage.s3.EncryptionKeys")
    expected["mx-runtime-com.mendix.storage.s3.EncryptionKeys"] = keys
    assert files_in(cluster, "pulls") == expected


@pytest.mark.usefixtures("manifests")
def test_pull_in_a_pod_of_another_account_says_what_is_bound(cluster, keyferry_image):
    cluster.kubectl.apply(pull_pod("refused", keyferry_image, account="stranger"))
    wait_until(lambda: cluster.kubectl("get", "pod", "refused", "--namespace", NAMESPACE, "-o",
                                       "jsonpath={.status.phase}") == "Failed", "pod: failed", 30)
    said = cluster.kubectl("logs", "refused", "-c", "pull", "--namespace", NAMESPACE)
    assert "is bound to this service account" in said
    for value in example.values_of():
        assert value not in said


def token_file(cluster, folder, account, audience):
    path = os.path.join(folder, f"token-{account}")
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(cluster.kubectl.token(account, audience, NAMESPACE))
    return path


@pytest.mark.parametrize("provider", ["vault", "openbao"])
def test_the_promises_of_every_store_hold(vault, cluster, binaries, folder, provider):
    """tests/conformance, logged in by Kubernetes."""
    vault.call("PUT", "sys/policies/acl/conformance",
               {"policy": 'path "secret/data/conformance/*" { capabilities = ["read"] }'})
    vault.set_up_kubernetes_role("conformance", provider, "conformance")
    suite = os.path.join(binaries.folder, "..", "tests", "conformance", "conformance_test")
    done = subprocess.run(
        [suite, "--gtest_brief=1", f"--gtest_filter=*/{provider}"], capture_output=True, text=True,
        check=False, env={
            **os.environ, "KEYFERRY_VAULT_URL": vault.url,
            "KEYFERRY_VAULT_ROOT_TOKEN": vault.root_token,
            "KEYFERRY_VAULT_TOKEN_FILE": token_file(cluster, folder, ACCOUNT, provider),
            "KEYFERRY_VAULT_STRANGER_TOKEN_FILE": token_file(cluster, folder, "stranger", provider)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[  PASSED  ]" in done.stdout and "PASSED  ] 0 tests" not in done.stdout
