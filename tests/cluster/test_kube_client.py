"""Our Kubernetes client and a real API server; kubectl reads back what it wrote, and writes what it reads."""
import base64
import json
import pathlib
import re
import time

import jwt
import pytest

from judge import Judge, Refused
from peers.cluster.api_server import ISSUER
from peers.process import wait_until

HERE = pathlib.Path(__file__).resolve().parent
CRDS = HERE / "secrets_store_crds.yaml"
GROUP = "secrets-store.csi.x-k8s.io"


@pytest.fixture(scope="module")
def kubectl(api_server):
    kubectl = api_server.kubectl
    kubectl("apply", "-f", str(CRDS))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
    return kubectl


@pytest.fixture(scope="module")
def judge(binaries, kubectl, session_folder):
    judge = Judge(binaries, kubectl.kubeconfig, log=f"{session_folder}/judge.log")
    yield judge
    judge.stop()


@pytest.fixture
def a_judge(binaries):
    """More of them, with arguments of their own."""
    judges = []

    def start(*arguments, **options):
        judges.append(Judge(binaries, *arguments, **options))
        return judges[-1]
    yield start
    for judge in judges:
        judge.stop()


def config_map(name, namespace="default", labels=None, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace, "labels": labels or {}}, "data": data}


def spc(name, provider="vault", **fields):
    return {"apiVersion": f"{GROUP}/v1", "kind": "SecretProviderClass",
            "metadata": {"name": name, "namespace": "default", **fields},
            "spec": {"provider": provider, "parameters": {"roleName": "shop", "objects": "- a"},
                     "secretObjects": [{"secretName": "s", "type": "Opaque",
                                        "data": [{"objectName": "a", "key": "k"}]}]}}


def refused(judge, do, **question):
    with pytest.raises(Refused) as caught:
        judge.ask(do, **question)
    return caught.value


# Lists


@pytest.fixture(scope="module")
def many(judge, kubectl):
    """1010 objects in a namespace of their own."""
    kubectl("create", "namespace", "many")
    for number in range(1010):
        judge.put("create", "configmaps",
                  config_map(f"m-{number:04}", "many", {"third": str(number % 3)}, a="1"))
    return [f"m-{number:04}" for number in range(1010)]


def test_a_list_of_many_pages_is_whole(judge, kubectl, many):
    for page_size in (500, 101, 5000):
        found = judge.ask("list", kind="configmaps", namespace="many", page_size=page_size)
        assert [item["metadata"]["name"] for item in found["items"]] == many
    in_one = json.loads(kubectl("get", "--raw", "/api/v1/namespaces/many/configmaps"))
    assert found["items"] == in_one["items"]
    assert int(found["version"]) >= int(in_one["items"][-1]["metadata"]["resourceVersion"])


def test_a_page_says_where_the_next_one_begins(judge, many):
    first = judge.ask("page", kind="configmaps", namespace="many", page_size=1000)
    assert first["count"] == 1000 and first["next"]
    second = judge.ask("page", kind="configmaps", namespace="many", page_size=1000,
                       next=first["next"])
    assert second["count"] == 10 and not second["next"]
    assert first["version"] == second["version"]


def test_a_list_from_the_servers_memory_may_ignore_pages(judge, many):
    found = judge.ask("list", kind="configmaps", namespace="many", not_older_than="0")
    assert len(found["items"]) == len(many)


def test_selectors_and_metadata_alone(judge, many):
    third = judge.ask("list", kind="configmaps", namespace="many", labels="third=1",
                      detail="metadata", page_size=100)
    assert [item["metadata"]["name"] for item in third["items"]] == many[1::3]
    assert all("data" not in item for item in third["items"])
    one = judge.ask("list", kind="configmaps", fields="metadata.name=m-0007")
    assert [item["data"] for item in one["items"]] == [{"a": "1"}]


def test_a_continue_token_is_too_old_after_compaction(judge, api_server, kubectl, many):
    first = judge.ask("page", kind="configmaps", namespace="many", page_size=500)
    kubectl("label", "configmap", "m-0000", "--namespace", "many", "touched=yes")
    api_server.compact()
    api_server.stop_serving()
    api_server.serve()
    error = refused(judge, "page", kind="configmaps", namespace="many", page_size=500,
                    next=first["next"])
    assert error.code == "out_of_range", error
    assert len(judge.ask("list", kind="configmaps", namespace="many")["items"]) == len(many)


# Objects


def test_what_is_created_is_read_by_kubectl_and_back(judge, kubectl):
    created = judge.put("create", "classes", spc("created"))
    assert created == kubectl.json("get", "secretproviderclass", "created", "--show-managed-fields")
    assert judge.get("classes", "created") == created
    assert refused(judge, "create", kind="classes", object=spc("created")).code == "already_exists"


def test_types_give_back_what_the_server_has(judge, kubectl):
    kubectl.apply({**spc("typed"), "metadata": {"name": "typed", "namespace": "default",
                                                "labels": {"a": "b"}, "annotations": {"c": "d"}}})
    kubectl("create", "secret", "generic", "typed", "--from-literal=password=pw one")
    kubectl("create", "serviceaccount", "typed")
    kubectl.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "typed"},
                   "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]}})
    for kind in ("classes", "secrets", "serviceaccounts", "nodes"):
        server = judge.get(kind, "typed", "" if kind == "nodes" else "default")
        ours = judge.ask("typed", kind=kind, object=server)["object"]
        for volatile in ("managedFields", "generation"):
            server["metadata"].pop(volatile, None)
        server["metadata"].get("annotations", {}).pop(
            "kubectl.kubernetes.io/last-applied-configuration", None)
        ours["metadata"].get("annotations", {}).pop(
            "kubectl.kubernetes.io/last-applied-configuration", None)
        server.pop("status", None)
        assert ours == server, kind


def test_a_pod_status_as_the_stock_driver_writes_it(judge, kubectl):
    status = {"apiVersion": f"{GROUP}/v1", "kind": "SecretProviderClassPodStatus",
              "metadata": {"name": "web-0-default-typed", "namespace": "default",
                           "labels": {"internal.secrets-store.csi.k8s.io/node-name": "node1"},
                           "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "web-0",
                                                "uid": "00000000-0000-0000-0000-000000000001"}]},
              "status": {"podName": "web-0", "secretProviderClassName": "typed", "mounted": True,
                         "targetPath": "/var/lib/kubelet/pods/x", "objects": [
                             {"id": "b", "version": "2"}, {"id": "a", "version": "1"}]}}
    ours = judge.ask("typed", kind="podstatuses", object=status)["object"]
    judge.put("create", "podstatuses", ours)
    stored = kubectl.json("get", "secretproviderclasspodstatus", "web-0-default-typed")
    assert stored["status"]["objects"] == [{"id": "a", "version": "1"}, {"id": "b", "version": "2"}]
    assert {key: stored[key] for key in ("apiVersion", "kind", "status")} == {
        key: ours[key] for key in ("apiVersion", "kind", "status")}
    assert stored["metadata"]["ownerReferences"] == status["metadata"]["ownerReferences"]


def test_an_update_of_an_old_version_is_a_conflict(judge, kubectl):
    first = judge.put("create", "configmaps", config_map("updated", a="1"))
    kubectl("label", "configmap", "updated", "by=another")
    error = refused(judge, "update", kind="configmaps", object={**first, "data": {"a": "2"}})
    assert error.code == "aborted" and "modified" in error.message
    newest = judge.get("configmaps", "updated")
    judge.put("update", "configmaps", {**newest, "data": {"a": "2"}})
    assert kubectl.json("get", "configmap", "updated")["data"] == {"a": "2"}


def test_a_status_is_updated_apart_from_its_object(judge, kubectl):
    kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "phased"},
                   "spec": {"containers": [{"name": "c", "image": "i"}]}})
    pod = judge.get("pods", "phased")
    pod["spec"]["activeDeadlineSeconds"] = 60
    pod["status"] = {"phase": "Running"}
    judge.put("update", "pods", pod, part="status")
    stored = kubectl.json("get", "pod", "phased")
    assert stored["status"]["phase"] == "Running"
    assert "activeDeadlineSeconds" not in stored["spec"]
    judge.put("merge", "pods", {"status": {"phase": "Succeeded"}}, part="status", name="phased",
              namespace="default")
    assert kubectl.json("get", "pod", "phased")["status"]["phase"] == "Succeeded"


def test_a_merge_patch_changes_what_it_names(judge, kubectl):
    kubectl.apply(config_map("merged", a="1", b="2"))
    judge.put("merge", "configmaps", {"data": {"a": None, "c": "3"}}, name="merged",
              namespace="default")
    assert kubectl.json("get", "configmap", "merged")["data"] == {"b": "2", "c": "3"}


def test_applied_fields_belong_to_their_manager(judge, kubectl):
    judge.put("apply", "classes", spc("applied"), manager="keyferry")
    managers = kubectl.json("get", "secretproviderclass", "applied", "--show-managed-fields")
    assert [(m["manager"], m["operation"]) for m in managers["metadata"]["managedFields"]] == [
        ("keyferry", "Apply")]
    error = refused(judge, "apply", kind="classes", object=spc("applied", "aws"), manager="other")
    assert error.code == "aborted"
    assert '"keyferry"' in error.message and ".spec.provider" in error.message
    assert "apply with force" in error.message
    judge.put("apply", "classes", spc("applied", "aws"), manager="other", conflict="force")
    assert kubectl.json("get", "secretproviderclass", "applied")["spec"]["provider"] == "aws"
    by_kubectl = kubectl.run("apply", "--server-side", "--field-manager=keyferry", "-f", "-",
                             text=json.dumps(spc("applied", "vault")))
    assert by_kubectl.returncode != 0 and 'conflict with "other"' in by_kubectl.stderr


def test_a_deletion_looks_at_the_uid(judge, kubectl):
    created = judge.put("create", "configmaps", config_map("deleted"))
    error = refused(judge, "remove", kind="configmaps", namespace="default", name="deleted",
                    uid="00000000-0000-0000-0000-000000000000")
    assert error.code == "aborted"
    judge.ask("remove", kind="configmaps", namespace="default", name="deleted",
              uid=created["metadata"]["uid"])
    assert kubectl.run("get", "configmap", "deleted").returncode != 0
    assert refused(judge, "remove", kind="configmaps", namespace="default",
                   name="deleted").code == "not_found"


# Refusals


def test_what_is_not_there_and_what_is_no_kind(judge):
    absent = refused(judge, "get", kind="configmaps", namespace="default", name="absent")
    assert absent.code == "not_found"
    assert absent.message == 'get configmaps default/absent: HTTP 404: configmaps "absent" not found'
    for question in ({"do": "list"}, {"do": "get", "name": "a", "namespace": "default"}):
        no_kind = refused(judge, kind="nothings", **question)
        assert no_kind.code == "unimplemented"
        assert "nothings.nothing.example" in no_kind.message


def test_an_invalid_object_names_its_fields_and_no_value_of_a_secret(judge):
    error = refused(judge, "create", kind="configmaps", object=config_map("INVALID"))
    assert error.code == "invalid_argument" and "metadata.name: Invalid value" in error.message
    value = base64.b64encode(b"pw-one").decode()
    secret = {"apiVersion": "v1", "kind": "Secret",
              "metadata": {"name": "x", "namespace": "default"}, "type": "Opaque",
              "data": {"pw one": value}}
    error = refused(judge, "create", kind="secrets", object=secret)
    assert error.code == "invalid_argument" and "data[pw one]" in error.message
    assert "Invalid value" not in error.message
    secret["data"] = {"k": "pw-one is no base64!"}
    error = refused(judge, "create", kind="secrets", object=secret)
    assert error.code == "invalid_argument" and "pw-one" not in error.message


RULE = re.compile(r'apiGroups \["(.*?)"\], resources \["(.*?)"\], verbs \["(.*?)"\]')


@pytest.mark.parametrize("question", [
    {"do": "get", "kind": "pods", "namespace": "default", "name": "x"},
    {"do": "list", "kind": "classes"},
    {"do": "list", "kind": "nodes"},
    {"do": "apply", "kind": "classes", "object": spc("denied"), "manager": "m"},
    {"do": "token", "namespace": "default", "name": "x", "audiences": ["vault"]},
], ids=lambda question: f"{question['do']}-{question.get('kind', 'token')}")
def test_the_rule_that_a_denial_names_is_the_one_that_is_missing(question, a_judge, api_server, kubectl,
                                                                 folder):
    """Whatever is advised is done, until nothing is denied any more."""
    name = f"denied-{question['do']}-{question.get('kind', 'token')}"
    kubectl("create", "serviceaccount", name)
    judge = a_judge(token_config(api_server, folder, kubectl.token(name, ISSUER)))
    advised = []
    for _ in range(5):
        try:
            judge.ask(**question)
            break
        except Refused as error:
            if error.code == "not_found":
                break
            assert error.code == "permission_denied"
            assert f"allow it to ServiceAccount default/{name}: " in error.message
            advised.append(allow(kubectl, name, error.message, len(advised)))
    else:
        raise AssertionError(f"still denied after {advised}")
    assert advised
    if question["do"] == "apply":
        assert [verb for _, _, verb in advised] == ["patch", "create"]


def allow(kubectl, account, message, number):
    """Makes the role that the message asks for; the binding takes a moment to be known."""
    group, resource, verb = RULE.search(message).groups()
    everywhere = "a ClusterRole with" in message
    assert ("ClusterRoleBinding" in message) == everywhere
    kind, name = ("ClusterRole" if everywhere else "Role"), f"{account}-{number}"
    meta = {"name": name} if everywhere else {"name": name, "namespace": "default"}
    rbac = "rbac.authorization.k8s.io"
    kubectl.apply(
        {"apiVersion": f"{rbac}/v1", "kind": kind, "metadata": meta,
         "rules": [{"apiGroups": [group], "resources": [resource], "verbs": [verb]}]},
        {"apiVersion": f"{rbac}/v1", "kind": f"{kind}Binding", "metadata": meta,
         "roleRef": {"apiGroup": rbac, "kind": kind, "name": name},
         "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "default"}]})
    what = resource.split("/")[0] + (f".{group}" if group else "")
    can = ["auth", "can-i", verb, what, f"--as=system:serviceaccount:default:{account}"]
    if "/" in resource:
        can.append(f"--subresource={resource.split('/')[1]}")
    if everywhere:
        can.append("--all-namespaces")
    wait_until(lambda: kubectl.run(*can).returncode == 0, f"{can} is allowed")
    return group, resource, verb


# Who we are


def token_config(api_server, folder, token, **cluster):
    """A kubeconfig with a token in a file beside it."""
    pathlib.Path(folder, "token").write_text(token)
    path = pathlib.Path(folder, "config")
    path.write_text(json.dumps({
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": api_server.url, **(
            cluster or {"certificate-authority": api_server.ca_file})}}],
        "users": [{"name": "u", "user": {"tokenFile": "token"}}]}))
    return str(path)


def make_reader(kubectl, name):
    kubectl("create", "serviceaccount", name)
    kubectl("create", "clusterrolebinding", name, "--clusterrole=reader",
            f"--serviceaccount=default:{name}")


@pytest.fixture(scope="module")
def reader(kubectl):
    kubectl("create", "clusterrole", "reader", "--verb=get,list,watch", "--resource=configmaps")
    make_reader(kubectl, "reader")
    kubectl.apply(config_map("read", labels={"for": "reader"}, a="1"))
    return "reader"


def test_a_token_that_ended_is_replaced_by_the_newest_in_its_file(a_judge, api_server, kubectl, folder,
                                                                  reader):
    make_reader(kubectl, "renewed")
    config = token_config(api_server, folder, kubectl.token("renewed", ISSUER))
    judge = a_judge(config)
    watch = judge.watch("configmaps", labels="for=reader")
    watch.wait_objects("default/read")
    # A new account of the same name: tokens of the old one are refused from now on.
    kubectl("delete", "serviceaccount", "renewed")
    kubectl("create", "serviceaccount", "renewed")

    def is_refused():
        try:
            judge.get("configmaps", "read")
        except Refused as error:
            assert error.code == "unauthenticated"
            assert f"{folder}/token" in error.message
            return True
        return False
    wait_until(is_refused, "the old token is refused", seconds=30, pause=0.2)
    pathlib.Path(folder, "token").write_text(kubectl.token("renewed", ISSUER))
    assert judge.get("configmaps", "read")["data"] == {"a": "1"}
    kubectl.apply(config_map("read-2", labels={"for": "reader"}))
    watch.wait_objects("default/read", "default/read-2")
    kubectl("delete", "configmap", "read-2")


def test_in_a_cluster_variables_and_mounted_files_are_enough(a_judge, api_server, kubectl, folder, reader):
    for name, text in (("token", kubectl.token(reader, ISSUER)), ("namespace", "default"),
                       ("ca.crt", pathlib.Path(api_server.ca_file).read_text())):
        pathlib.Path(folder, name).write_text(text)
    judge = a_judge("in-cluster", folder, environment={
        "KUBERNETES_SERVICE_HOST": api_server.place.address,
        "KUBERNETES_SERVICE_PORT": str(api_server.place.port)})
    assert judge.get("configmaps", "read")["data"] == {"a": "1"}
    outside = a_judge("in-cluster", folder, environment={"KUBERNETES_SERVICE_HOST": ""})
    with pytest.raises(Refused, match="KUBERNETES_SERVICE_HOST is not set"):
        outside.answer()


def test_the_servers_certificate_is_verified(a_judge, api_server, kubectl, folder, reader):
    token = kubectl.token(reader, ISSUER)
    other = api_server.pki.certificate("admin")  # of a client, no authority
    strange = a_judge(token_config(api_server, folder, token, **{"certificate-authority": other}))
    error = refused(strange, "get", kind="configmaps", namespace="default", name="read")
    assert error.code == "failed_precondition" and "certificate was refused" in error.message
    named = {"certificate-authority": api_server.ca_file, "tls-server-name": "localhost"}
    assert a_judge(token_config(api_server, folder, token, **named)).get("configmaps", "read")
    named["tls-server-name"] = "elsewhere"
    error = refused(a_judge(token_config(api_server, folder, token, **named)), "get",
                    kind="configmaps", namespace="default", name="read")
    assert error.code == "failed_precondition" and "server name" in error.message
    blind = a_judge(token_config(api_server, folder, token, **{"insecure-skip-tls-verify": True}))
    assert blind.get("configmaps", "read")


def test_a_client_certificate_comes_from_files_too(a_judge, api_server, kubectl, folder):
    data = json.loads(pathlib.Path(kubectl.kubeconfig).read_text())
    data["users"][0]["user"] = {"client-certificate": api_server.pki.certificate("admin"),
                                "client-key": api_server.pki.key("admin")}
    path = pathlib.Path(folder, "config")
    path.write_text(json.dumps(data))
    assert a_judge(str(path)).ask("list", kind="nodes")["items"] is not None
    del data["users"][0]["user"]["client-key"]
    path.write_text(json.dumps(data))
    with pytest.raises(Refused, match="client-certificate: stands alone"):
        a_judge(str(path)).answer()


def test_a_token_is_issued_for_an_audience_and_a_pod(judge, kubectl):
    kubectl("create", "serviceaccount", "issued")
    kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bound"},
                   "spec": {"serviceAccountName": "issued",
                            "containers": [{"name": "c", "image": "i"}]}})
    uid = kubectl.json("get", "pod", "bound")["metadata"]["uid"]
    issued = judge.ask("token", namespace="default", name="issued", audiences=["vault"], lifetime=900,
                       pod_name="bound", pod_uid=uid)
    claims = jwt.decode(issued["token"], options={"verify_signature": False})
    assert claims["aud"] == ["vault"] and claims["sub"] == "system:serviceaccount:default:issued"
    assert claims["kubernetes.io"]["pod"] == {"name": "bound", "uid": uid}
    assert abs(claims["exp"] - time.time() - 900) < 60
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"]))
    assert issued["expires"] == ends
    review = kubectl.create({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                             "spec": {"token": issued["token"], "audiences": ["vault"]}})
    assert review["status"]["authenticated"]
    error = refused(judge, "token", namespace="default", name="issued", audiences=["vault"], lifetime=1)
    assert error.code == "invalid_argument" and "spec.expirationSeconds" in error.message
    assert refused(judge, "token", namespace="default", name="nobody",
                   audiences=[]).code == "not_found"


# Our own doing


def test_our_own_limit_holds(a_judge, kubectl):
    limited = a_judge(kubectl.kubeconfig, "10", "2")
    limited.ask("list", kind="nodes")
    began = time.monotonic()
    for _ in range(11):
        limited.ask("list", kind="nodes")
    assert 0.9 < time.monotonic() - began < 3


def test_events_are_shown_by_kubectl_and_counted(judge, kubectl):
    kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "told"},
                   "spec": {"containers": [{"name": "c", "image": "i"}]}})
    uid = kubectl.json("get", "pod", "told")["metadata"]["uid"]
    about = {"apiVersion": "v1", "kind": "Pod", "uid": uid}
    before = judge.ask("flush")
    for message in ("one", "two", "one", "one"):
        judge.ask("event", namespace="default", name="told", object=about, type="Warning",
                  reason="MountRotationFailed", message=message)
    after = judge.ask("flush")
    assert after["flushed"] and after["written"] - before["written"] == 4
    shown = kubectl("describe", "pod", "told")
    assert re.search(r"Warning +MountRotationFailed .*\(x3 over .*\) +keyferry-node +one", shown), shown
    assert re.search(r"Warning +MountRotationFailed .* keyferry-node +two", shown), shown
    [event] = [e for e in kubectl.json("get", "events")["items"] if e["message"] == "one"]
    assert event["involvedObject"]["uid"] == uid and event["source"]["host"] == "judge"
    typed = judge.ask("typed", kind="events", object=event)["object"]
    for key in ("count", "firstTimestamp", "lastTimestamp", "involvedObject", "source", "reason"):
        assert typed[key] == event[key], key
