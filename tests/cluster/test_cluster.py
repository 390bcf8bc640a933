"""The cluster itself: what tests of our programs rely on is there."""
import time

from conftest import pod
from peers.cluster import node


def test_the_node_is_ready(cluster):
    [found] = cluster.kubectl.json("get", "nodes")["items"]
    assert found["metadata"]["name"] == node.NAME
    ready = {c["type"]: c["status"] for c in found["status"]["conditions"]}
    assert ready["Ready"] == "True" and ready["DiskPressure"] == "False"


def test_a_pod_is_ready_within_ten_seconds(cluster, namespace):
    began = time.monotonic()
    cluster.kubectl.apply(pod("plugged", namespace), pod("on-the-host", namespace, hostNetwork=True))
    for name in ("plugged", "on-the-host"):
        cluster.wait_ready(name, namespace)
    assert time.monotonic() - began < 10
    addresses = [p["status"]["podIP"] for p in
                 cluster.kubectl.json("get", "pods", "--namespace", namespace)["items"]]
    assert node.ADDRESS in addresses and any(ip.startswith("10.244.0.") for ip in addresses)


def test_a_pod_asks_the_api_server_with_its_own_token(cluster, namespace):
    cluster.kubectl.apply(pod("asks", namespace))
    cluster.wait_ready("asks", namespace)
    token = cluster.run_in("asks", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/token",
                           namespace=namespace)
    who = cluster.kubectl.json("auth", "whoami", *cluster.server.bearer(token))["status"]["userInfo"]
    assert who["username"] == f"system:serviceaccount:{namespace}:default"
    assert who["extra"]["authentication.kubernetes.io/pod-name"] == ["asks"]
    reached = cluster.run_in("asks", "sh", "-c",
                             "nc -w 5 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT </dev/null "
                             "&& echo reached", namespace=namespace)
    assert reached.strip() == "reached"


def review(cluster, token, *audiences):
    return cluster.kubectl.create({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
        "spec": {"token": token, "audiences": audiences}})["status"]


def test_a_token_is_worth_something_for_its_audience_alone(cluster, namespace):
    token = cluster.kubectl.token("default", "vault", namespace)
    status = review(cluster, token, "vault")
    assert status["authenticated"] and status["audiences"] == ["vault"]
    assert status["user"]["username"] == f"system:serviceaccount:{namespace}:default"
    assert not review(cluster, token, "somebody-else").get("authenticated")
    assert not review(cluster, token[:-8] + "AAAAAAAA", "vault").get("authenticated")


def test_a_pod_has_a_projected_token_in_memory(cluster, namespace):
    source = {"serviceAccountToken": {"path": "vault", "audience": "vault", "expirationSeconds": 600}}
    cluster.kubectl.apply(pod("bearer", namespace, volumes=[
        {"name": "tokens", "projected": {"sources": [source]}}], containers=[
            {"name": "main", "image": node.PAUSE,
             "volumeMounts": [{"name": "tokens", "mountPath": "/run/tokens"}]}]))
    cluster.wait_ready("bearer", namespace)
    token = cluster.run_in("bearer", "cat", "/run/tokens/vault", namespace=namespace)
    extra = review(cluster, token, "vault")["user"]["extra"]
    assert extra["authentication.kubernetes.io/pod-name"] == ["bearer"]
    assert "tmpfs on /run/tokens" in cluster.run_in("bearer", "mount", namespace=namespace)


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: trivial\nversion: 1.0.0\nkubeVersion: '>=1.30.0-0'\n",
    "values.yaml": "greeting: hello\n",
    "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
                             "data:\n  greeting: {{ .Values.greeting | quote }}\n"}


def test_helm_renders_and_installs_a_chart(cluster, namespace, tmp_path):
    (tmp_path / "templates").mkdir()
    for name, text in CHART.items():
        (tmp_path / name).write_text(text)
    rendered = cluster.kubectl.helm("template", "first", str(tmp_path), "--set", "greeting=salve")
    assert 'greeting: "salve"' in rendered
    cluster.kubectl.helm("install", "first", str(tmp_path), "--namespace", namespace, "--wait",
                         "--set", "greeting=salve")
    made = cluster.kubectl.json("get", "configmap", "first", "--namespace", namespace)
    assert made["data"] == {"greeting": "salve"}
    cluster.kubectl.helm("uninstall", "first", "--namespace", namespace)


def test_csi_sanity_is_there(cluster_programs, cluster):
    asked = cluster.kubectl.run("--help", program="csi-sanity")
    assert "-csi.endpoint" in asked.stdout + asked.stderr, cluster_programs.folder
