"""The rest of the Vault API against OpenBao, read back with hvac: other engines, namespaces, wrapping,
quotas, optional objects and keys that become files; and what the stock provider gets wrong."""
import json
import os
import time

import hvac
import pytest
import yaml
from peers import programs, stores
from peers.process import Program, wait_until


@pytest.fixture(scope="module")
def engines(bao):
    """A role that may read everything, by both provider's audiences."""
    bao.call("PUT", "sys/policies/acl/engines", {"policy": """
        path "*" { capabilities = ["create", "read", "update", "list"] }
        path "secret/data/forbidden" { capabilities = ["deny"] }"""})
    bao.call("POST", "sys/auth/engines", {"type": "jwt"})
    bao.call("POST", "auth/engines/config", {"jwt_validation_pubkeys": [bao.public_key()]})
    bao.call("POST", "auth/engines/role/engines", {
        "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault", "openbao"],
        "token_policies": ["engines"], "token_ttl": "1h"})
    bao.call("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
    bao.call("POST", "sys/mounts/pki-args", {"type": "pki"})
    bao.call("POST", "pki-args/root/generate/internal", {"common_name": "root", "key_type": "ec"})
    bao.call("POST", "pki-args/roles/shop", {"allow_any_name": True, "key_type": "ec",
                                             "max_ttl": "24h"})
    return bao


@pytest.fixture
def reader(binaries, engines, folder):
    return Reader(binaries, engines, folder)


class Reader:
    def __init__(self, binaries, bao, folder):
        self.binaries, self.bao, self.folder = binaries, bao, folder
        self.out = os.path.join(folder, "out")

    def hvac(self, **options):
        return hvac.Client(url=self.bao.url, token=self.bao.root_token, **options)

    def command(self, objects, parameters=None, provider="vault", extra=(), prefix="vault"):
        manifest = os.path.join(self.folder, "class.yaml")
        with open(manifest, "w") as file:
            yaml.safe_dump({
                "apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
                "metadata": {"name": "shop", "namespace": "web"},
                "spec": {"provider": provider, "parameters": {
                    f"{prefix}Address": self.bao.url, "roleName": "engines",
                    f"{prefix}AuthMountPath": "engines", "objects": yaml.safe_dump(objects),
                    **(parameters or {})}}}, file)
        token = self.bao.token_file(audience=provider)
        return [self.binaries.keyferry, "pull", "-f", manifest, "--out", self.out, "--token-file",
                f"{provider}={token}", *extra]

    def pull(self, *objects, parameters=None, **more):
        return programs.run(self.command(list(objects), parameters, **more))

    def files(self):
        whole = os.path.join(self.out, "..data")
        return {name: open(os.path.join(whole, name)).read() for name in os.listdir(whole)}


def good(done):
    assert done.returncode == 0, done.stderr
    return done


def test_version_one_and_old_versions_of_version_two(reader):
    client = reader.hvac()
    client.secrets.kv.v1.create_or_update_secret("shop", {"password": "one", "n": 5, "b": True},
                                                 mount_point="kv1")
    for value in ("first", "second"):
        client.secrets.kv.v2.create_or_update_secret("engines", {"password": value})
    good(reader.pull(
        {"objectName": "v1", "secretPath": "kv1/shop", "secretKey": "password"},
        {"objectName": "number", "secretPath": "v1/kv1/shop", "secretKey": "n"},
        {"objectName": "flag", "secretPath": "/v1/kv1/shop", "secretKey": "b"},
        {"objectName": "new", "secretPath": "secret/data/engines", "secretKey": "password"},
        {"objectName": "old", "secretPath": "secret/data/engines?version=1",
         "secretKey": "password"}))
    assert reader.files() == {"v1": "one", "number": "5", "flag": "true", "new": "second",
                              "old": "first"}


def test_a_namespace_by_parameter_and_by_path(reader):
    reader.bao.call("POST", "sys/namespaces/team-a")
    team = reader.hvac(namespace="team-a")
    team.sys.enable_secrets_engine("kv", path="secret", options={"version": "2"})
    team.secrets.kv.v2.create_or_update_secret("shop", {"password": "of team a"})
    team.sys.create_or_update_policy("engines", 'path "*" { capabilities = ["read"] }')
    team.sys.enable_auth_method("jwt", path="engines")
    team.write("auth/engines/config", jwt_validation_pubkeys=[reader.bao.public_key()])
    team.write("auth/engines/role/engines", role_type="jwt", user_claim="sub",
               bound_audiences=["vault"], token_policies=["engines"], token_ttl="1h")
    wanted = {"objectName": "p", "secretPath": "secret/data/shop", "secretKey": "password"}
    good(reader.pull(wanted, parameters={"vaultNamespace": "team-a"}))
    assert reader.files() == {"p": "of team a"}
    refused = reader.pull(wanted, parameters={"vaultNamespace": "team-b"})
    assert refused.returncode == 1 and "vaultNamespace 'team-b'" in refused.stderr


def test_what_was_wrapped_is_unwrapped_once_and_kept(reader):
    wrapped = reader.hvac().sys.wrap({"password": "inside"})["wrap_info"]["token"]
    objects = [{"objectName": "p", "secretPath": "sys/wrapping/unwrap", "method": "PUT",
                "secretKey": "password", "secretArgs": {"token": wrapped}}]
    state = os.path.join(reader.folder, "state")
    program = Program(reader.command(objects, extra=("--watch", "100ms", "--state", state)))
    try:
        program.wait_for_line("set written")
        assert reader.files() == {"p": "inside"}
        time.sleep(1)
        assert "pull failed" not in program.output, program.output
    finally:
        program.stop()
    good(reader.pull(*objects, extra=("--state", state)))
    assert reader.files() == {"p": "inside"}
    refused = reader.pull(*objects)
    assert refused.returncode == 1 and "wrapping token is not valid" in refused.stderr


def test_a_rate_limit_is_waited_out_and_said_where_it_lasts(reader):
    client = reader.hvac()
    client.secrets.kv.v2.create_or_update_secret("limited", {"password": "slow"})
    wanted = [{"objectName": f"f{i}", "secretPath": f"secret/data/limited?x={i}",
               "secretKey": "password"} for i in range(4)]
    reader.bao.call("POST", "sys/quotas/config", {"enable_rate_limit_response_headers": True})
    reader.bao.call("POST", "sys/quotas/rate-limit/engines",
                    {"path": "secret/", "rate": 1, "interval": "1s"})
    try:
        good(reader.pull(*wanted))
        assert set(reader.files().values()) == {"slow"}
        reader.bao.call("POST", "sys/quotas/rate-limit/engines",
                        {"path": "secret/", "rate": 1, "interval": "1h"})
        refused = reader.pull(*wanted, extra=("--timeout", "5s"))
        assert refused.returncode == 1
        assert "rate limit quota exceeded" in refused.stderr or "asked for patience" in refused.stderr
    finally:
        reader.bao.call("DELETE", "sys/quotas/rate-limit/engines")
    assert set(reader.files().values()) == {"slow"}, "the last good set stays"


def test_an_openbao_class_uses_its_own_names_and_audience(reader):
    reader.hvac().secrets.kv.v2.create_or_update_secret("engines", {"password": "bao"})
    good(reader.pull({"objectName": "p", "secretPath": "secret/data/engines",
                      "secretKey": "password"}, provider="openbao", prefix="bao"))
    assert reader.files() == {"p": "bao"}


def test_one_secret_holds_the_whole_key_table(reader):
    table = {"database-type": "PostgreSQL", "database-password": "größe \U0001f511",
             "mx-const-Shop.Limit": 5, "mx-runtime-com.mendix.x": {"a": [1, "b"]}}
    client = reader.hvac()
    client.secrets.kv.v2.create_or_update_secret("table", table)
    client.secrets.kv.v2.create_or_update_secret("nested", {"json": json.dumps({"k": "v"})})
    good(reader.pull({"objectName": "table", "secretPath": "secret/data/table",
                      "expandKeys": "true", "filePermission": 0o440},
                     {"objectName": "nested", "secretPath": "secret/data/nested",
                      "secretKey": "json", "expandKeys": "true"}))
    files = reader.files()
    assert files.pop("k") == "v"
    assert files == {key: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
                     for key, value in table.items()}
    assert os.stat(os.path.join(reader.out, "database-type")).st_mode & 0o777 == 0o440
    client.secrets.kv.v2.create_or_update_secret("table", {"database-type": "PostgreSQL"})
    good(reader.pull({"objectName": "table", "secretPath": "secret/data/table",
                      "expandKeys": "true"}))
    assert list(reader.files()) == ["database-type"], "a key that is gone takes its file along"


def test_two_objects_that_give_the_same_file_are_refused_before_anything_is_written(reader):
    reader.hvac().secrets.kv.v2.create_or_update_secret("same", {"p": "1"})
    refused = reader.pull(
        {"objectName": "p", "secretPath": "secret/data/same", "secretKey": "p"},
        {"objectName": "all", "secretPath": "secret/data/same", "expandKeys": "true"})
    assert refused.returncode == 1 and "'p'" in refused.stderr, refused.stderr
    assert not os.path.exists(os.path.join(reader.out, "..data"))


def test_an_optional_object_may_be_absent_but_not_denied(reader):
    client = reader.hvac()
    client.secrets.kv.v2.create_or_update_secret("there", {"password": "x"})
    client.secrets.kv.v2.create_or_update_secret("forbidden", {"password": "y"})
    there = {"objectName": "there", "secretPath": "secret/data/there", "secretKey": "password"}
    absent = [{"objectName": "missing", "secretPath": "secret/data/not-there",
               "secretKey": "password", "optional": "true"},
              {"objectName": "field", "secretPath": "secret/data/there", "secretKey": "none",
               "optional": "true"}]
    good(reader.pull(there, *absent))
    assert reader.files() == {"there": "x"}
    denied = reader.pull(there, {"objectName": "denied", "secretPath": "secret/data/forbidden",
                                 "secretKey": "password", "optional": "true"})
    assert denied.returncode == 1 and "secret/data/forbidden" in denied.stderr
    mount = reader.pull(there, {"objectName": "typo", "secretPath": "secrt/data/there",
                                "secretKey": "password", "optional": "true"})
    assert mount.returncode == 1 and "secrt/data/there" in mount.stderr, "a mount that is not there"


# The stock provider's response cache forgets the arguments: the second object got the first one's.
def test_q14_objects_that_differ_in_their_arguments_are_different(reader):
    def issue(file, name):
        return {"objectName": file, "secretPath": "pki-args/issue/shop", "method": "PUT",
                "secretKey": "certificate", "secretArgs": {"common_name": name, "ttl": "1h"}}
    good(reader.pull(issue("a", "a.example"), issue("b", "b.example"), issue("c", "a.example")))
    files = reader.files()
    assert files["a"] != files["b"] and files["a"] == files["c"]


# Its data.data is unwrapped whatever the engine; existing classes rely on it.
def test_q15_an_object_called_data_is_unwrapped_in_any_engine(reader):
    reader.hvac().secrets.kv.v1.create_or_update_secret(
        "nested", {"data": {"password": "inner"}, "password": "outer"}, mount_point="kv1")
    good(reader.pull({"objectName": "p", "secretPath": "kv1/nested", "secretKey": "password"}))
    assert reader.files() == {"p": "inner"}


# An answer without a body ended the stock provider with a nil dereference.
def test_q16_an_answer_without_content_is_an_error(reader):
    refused = reader.pull({"objectName": "p", "secretPath": "kv1/new", "method": "PUT",
                           "secretArgs": {"a": "b"}, "secretKey": "a"})
    assert refused.returncode == 1 and "empty answer (HTTP 204)" in refused.stderr


# The whole answer holds the number of the request: it was written anew at every look.
def test_q17_a_whole_answer_is_written_once(reader):
    reader.hvac().secrets.kv.v2.create_or_update_secret("whole", {"password": "x"})
    program = Program(reader.command([{"objectName": "p", "secretPath": "secret/data/whole"}],
                                     extra=("--watch", "100ms", "--log-format", "json")))
    try:
        program.wait_for_line("set written")
        first = reader.files()["p"]
        assert json.loads(first)["data"]["data"] == {"password": "x"}
        reader.hvac().secrets.kv.v2.create_or_update_secret("whole", {"password": "y"})
        wait_until(lambda: reader.files()["p"] != first, "the changed answer")
        wait_until(lambda: program.output.count("set written") == 2, "its line in the log")
        time.sleep(0.5)  # some looks more
        assert program.output.count("set written") == 2
    finally:
        program.stop()


# The stock provider reads its HMAC key from the API server at every mount; ours is made once and
# never leaves the program. (Versions are compared by conformance: EqualVersionsMeanEqualContents.)
def test_q18_a_look_asks_the_store_alone(binaries, dev_store, folder):
    dev_store.write("one", {"password": "x"})
    dev_store.set_up_login(["secret/data/one"])
    reader = Reader(binaries, dev_store, folder)
    dev_store.call("POST", "sys/auth/engines", {"type": "jwt"})
    dev_store.call("POST", "auth/engines/config",
                   {"jwt_validation_pubkeys": [dev_store.public_key()]})
    dev_store.call("POST", "auth/engines/role/engines", {
        "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"],
        "token_policies": [stores.ROLE], "token_ttl": "1h"})
    dev_store.forget_requests()
    good(reader.pull({"objectName": "p", "secretPath": "secret/data/one", "secretKey": "password"}))
    assert len(dev_store.requests()) == 2
