"""An API server alone, for tests that need no pods."""


def test_it_is_a_real_one_with_objects_rbac_and_tokens(api_server):
    kubectl = api_server.kubectl
    kubectl("create", "serviceaccount", "reader")
    kubectl("create", "role", "reader", "--verb=get", "--resource=configmaps")
    kubectl("create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader")
    kubectl("create", "configmap", "seen", "--from-literal=a=1")
    kubectl("create", "secret", "generic", "hidden")
    asked = ["--as=system:serviceaccount:default:reader", "get"]
    assert kubectl(*asked, "configmap", "seen", "-o", "jsonpath={.data.a}") == "1"
    refused = kubectl.run(*asked, "secret", "hidden")
    assert refused.returncode == 1 and "Forbidden" in refused.stderr
    assert kubectl.token("reader", "vault").count(".") == 2


def test_it_stops_and_serves_again_with_the_same_objects(api_server):
    api_server.kubectl("create", "configmap", "kept")
    before = api_server.kubectl.json("get", "configmap", "kept")["metadata"]["uid"]
    api_server.stop_serving()
    assert api_server.kubectl.run("get", "configmap", "kept").returncode != 0
    api_server.serve()
    assert api_server.kubectl.json("get", "configmap", "kept")["metadata"]["uid"] == before


def test_a_compacted_revision_is_gone(api_server):
    kubectl = api_server.kubectl
    kubectl("create", "configmap", "old")
    version = kubectl.json("get", "configmap", "old")["metadata"]["resourceVersion"]
    kubectl("label", "configmap", "old", "age=new")
    listing = f"/api/v1/configmaps?resourceVersion={version}&resourceVersionMatch=Exact"
    assert kubectl.run("get", "--raw", listing).returncode == 0
    api_server.compact()
    # The server may still know that revision by itself, until it is started anew.
    api_server.stop_serving()
    api_server.serve()
    gone = kubectl.run("get", "--raw", listing)
    assert gone.returncode != 0 and "too old" in gone.stderr
