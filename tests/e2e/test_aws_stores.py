"""keyferry pull from two servers of AWS's APIs that nobody here wrote: ministack, which verifies
signatures, trust and policies, and moto, whose answers have other shapes. Every file is compared byte
for byte with what boto3 reads from the same server; and what the stock provider gets wrong."""
import json
import os

import pytest
import yaml
from peers import aws, programs
from peers.process import Program, wait_until

READ = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
OTHER_REGION = "us-east-1"


def start(kind, binaries, session_folder):
    path = os.path.join(session_folder, f"aws-stores-{kind.__name__}")
    os.mkdir(path)
    server = kind(binaries, path)
    server.role = server.set_up_role(READ, f"arn:aws:secretsmanager:*:{aws.ACCOUNT}:secret:web/*")
    # Of these calls ministack judges the action alone, and moto nothing.
    server.client("iam").put_role_policy(
        RoleName=aws.ROLE, PolicyName="many", PolicyDocument=json.dumps(aws.policy_of(
            ["secretsmanager:BatchGetSecretValue", "ssm:GetParameters"])))
    return server


@pytest.fixture(scope="module")
def ministack(binaries, session_folder):
    server = start(aws.Ministack, binaries, session_folder)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def moto(binaries, session_folder):
    server = start(aws.Moto, binaries, session_folder)
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["ministack", "moto"])
def server(request):
    return request.getfixturevalue(request.param)


class Reader:
    def __init__(self, binaries, server, folder):
        self.binaries, self.server, self.folder = binaries, server, folder
        self.out = os.path.join(folder, "out")
        self.secrets, self.ssm = server.client("secretsmanager"), server.client("ssm")
        self.environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": server.url}

    def secret(self, name, value, client=None):
        """A new version of a secret; its version."""
        client = client or self.secrets
        key = "SecretBinary" if isinstance(value, bytes) else "SecretString"
        try:
            return client.put_secret_value(SecretId=name, **{key: value})["VersionId"]
        except client.exceptions.ResourceNotFoundException:
            return client.create_secret(Name=name, **{key: value})["VersionId"]

    def parameter(self, name, value):
        return self.ssm.put_parameter(Name=name, Value=value, Type="SecureString",
                                      Overwrite=True)["Version"]

    def value(self, name, **which):
        """What boto3 reads, as bytes."""
        answer = self.secrets.get_secret_value(SecretId=name, **which)
        return answer["SecretString"].encode() if "SecretString" in answer else (
            answer["SecretBinary"])

    def setting(self, name):
        answer = self.ssm.get_parameter(Name=name, WithDecryption=True)
        return answer["Parameter"]["Value"].encode()

    def command(self, objects, *extra, account=aws.SERVICE_ACCOUNT, **parameters):
        manifest = os.path.join(self.folder, "manifests.yaml")
        with open(manifest, "w") as file:
            yaml.safe_dump_all([
                {"apiVersion": "v1", "kind": "ServiceAccount",
                 "metadata": {"name": account, "namespace": aws.NAMESPACE, "annotations": {
                     "eks.amazonaws.com/role-arn": self.server.role}}},
                {"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
                 "metadata": {"name": "shop", "namespace": aws.NAMESPACE},
                 "spec": {"provider": "aws", "parameters": {
                     "region": aws.REGION, "objects": yaml.safe_dump(objects), **parameters}}}],
                file)
        token = self.server.token_file(account=account)
        return [self.binaries.keyferry, "pull", "-f", manifest, "--out", self.out,
                "--token-file", f"{aws.AUDIENCE}={token}", *extra]

    def pull(self, *objects, **parameters):
        return programs.run(self.command(list(objects), **parameters), env=self.environment)

    def files(self):
        whole = os.path.join(self.out, "..data") + "/"
        return {os.path.relpath(os.path.join(path, name), whole):
                open(os.path.join(path, name), "rb").read()
                for path, _, names in os.walk(whole) for name in names}


@pytest.fixture
def reader(binaries, server, folder):
    return Reader(binaries, server, folder)


def good(done):
    assert done.returncode == 0, done.stderr
    return done


def secret(name, **more):
    return {"objectName": name, "objectType": "secretsmanager", **more}


def parameter(name, **more):
    return {"objectName": name, "objectType": "ssmparameter", **more}


def test_secrets_by_name_arn_version_and_stage(reader):
    first = reader.secret("web/versions", "one\n")
    reader.secret("web/versions", "two")
    reader.secret("web/binary", bytes(range(256)))
    arn = reader.secrets.describe_secret(SecretId="web/versions")["ARN"]
    good(reader.pull(secret("web/versions"), secret("web/binary", objectAlias="bytes"),
                     {"objectName": arn, "objectAlias": "by-arn"},
                     secret("web/versions", objectAlias="old", objectVersion=first),
                     secret("web/versions", objectAlias="before",
                            objectVersionLabel="AWSPREVIOUS")))
    assert reader.files() == {
        "web_versions": reader.value("web/versions"), "bytes": reader.value("web/binary"),
        "by-arn": reader.value(arn), "old": reader.value("web/versions", VersionId=first),
        "before": reader.value("web/versions", VersionStage="AWSPREVIOUS")}
    assert reader.files()["bytes"] == bytes(range(256))


def test_parameters_by_name_version_and_label_more_than_ten(reader):
    reader.parameter("/web/db/password", "one")
    labelled = reader.parameter("/web/db/password", "two")
    reader.parameter("/web/db/password", "three ünï")
    reader.ssm.label_parameter_version(Name="/web/db/password", ParameterVersion=labelled,
                                       Labels=["prod"])
    many = [f"/web/many/{number}" for number in range(12)]
    for name in many:
        reader.parameter(name, "value of " + name)
    good(reader.pull(parameter("/web/db/password"),
                     parameter("/web/db/password", objectAlias="first", objectVersion="1"),
                     parameter("/web/db/password", objectAlias="labelled",
                               objectVersionLabel="prod"),
                     *(parameter(name) for name in many)))
    files = reader.files()
    assert files.pop("_web_db_password") == reader.setting("/web/db/password")
    assert files.pop("first") == reader.setting("/web/db/password:1")
    assert files.pop("labelled") == reader.setting("/web/db/password:prod") == b"two"
    assert files == {name.replace("/", "_"): reader.setting(name) for name in many}


def test_q20_one_parameter_by_two_labels_is_two_values(reader):
    """The stock provider matches by name: both files got the value that came last."""
    for value, label in (("blue value", "blue"), ("green value", "green")):
        version = reader.parameter("/web/colours", value)
        reader.ssm.label_parameter_version(Name="/web/colours", ParameterVersion=version,
                                           Labels=[label])
    good(reader.pull(parameter("/web/colours", objectAlias="blue", objectVersionLabel="blue"),
                     parameter("/web/colours", objectAlias="green", objectVersionLabel="green")))
    assert reader.files() == {"blue": b"blue value", "green": b"green value"}


def test_parts_of_a_value_whatever_their_type(reader):
    reader.secret("web/json", json.dumps({
        "user": "shop", "port": 5432, "tls": True, "db-name": "shop", "hosts": ["a", "b"]}))
    parts = {"user": "user", "port": "port", "tls": "tls", "name": '"db-name"', "list": "hosts"}
    good(reader.pull(secret("web/json", jmesPath=[
        {"path": path, "objectAlias": alias} for alias, path in parts.items()])))
    files = reader.files()
    assert files.pop("web_json") == reader.value("web/json")
    assert files == {"user": b"shop", "port": b"5432", "tls": b"true", "name": b"shop",
                     "list": b'["a","b"]'}
    refused = reader.pull(secret("web/json", jmesPath=[{"path": "none", "objectAlias": "none"}]))
    assert refused.returncode == 1 and "'none'" in refused.stderr


def test_file_names_and_modes_as_the_class_says(reader):
    reader.secret("web/deep/secret", "x")
    good(reader.pull(secret("web/deep/secret", filePermission="0440"), pathTranslation="False"))
    path = os.path.join(reader.out, "web", "deep", "secret")
    assert open(path).read() == "x"
    assert os.stat(path).st_mode & 0o777 == 0o440
    good(reader.pull(secret("web/deep/secret"), pathTranslation="-"))
    assert set(reader.files()) == {"web-deep-secret"}


def test_optional_objects_and_a_file_for_each_key(reader):
    reader.secret("web/keys", json.dumps({"database-host": "pg:5432", "port": 5432}))
    reader.parameter("/web/keys", json.dumps({"mx-admin-password": "Welc0me!"}))
    good(reader.pull(secret("web/keys", expandKeys="true"),
                     parameter("/web/keys", expandKeys="true"),
                     secret("web/not-there", optional="true"),
                     parameter("/web/not-there", optional="true")))
    assert reader.files() == {"database-host": b"pg:5432", "port": b"5432",
                              "mx-admin-password": b"Welc0me!"}


def test_what_is_missing_is_named_all_at_once_and_nothing_is_written(reader):
    refused = reader.pull(secret("web/none"), parameter("/web/none"), parameter("/web/nothing"))
    assert refused.returncode == 1
    for name in ("web/none", "/web/none", "/web/nothing"):
        assert f": {name}: " in refused.stderr
    assert not os.path.exists(os.path.join(reader.out, "..data"))


def test_a_rotation_is_seen_by_a_watch(reader):
    reader.secret("web/rotated", "one")
    reader.parameter("/web/rotated", "one")
    program = Program(reader.command([secret("web/rotated"), parameter("/web/rotated")],
                                     "--watch", "100ms"), env=reader.environment)
    try:
        program.wait_for_line("set written")
        reader.secret("web/rotated", "two")
        wait_until(lambda: reader.files()["web_rotated"] == b"two", "the new secret")
        reader.parameter("/web/rotated", "three")
        wait_until(lambda: reader.files()["_web_rotated"] == b"three", "the new parameter")
    finally:
        program.stop()


def test_q19_the_other_region_is_asked_only_where_the_first_has_trouble(reader, server):
    """The stock provider asks both each time, and an object that the other region lacks fails the
    mount."""
    reader.secret("web/here-only", "here")
    good(reader.pull(secret("web/here-only", objectAlias="p"), failoverRegion=OTHER_REGION))
    assert reader.files() == {"p": b"here"}
    there = server.client("secretsmanager", region_name=OTHER_REGION)
    reader.secret("web/there-only", "there", there)
    refused = reader.pull(secret("web/there-only", objectAlias="p"), failoverRegion=OTHER_REGION)
    assert refused.returncode == 1, "a secret that is not there is no trouble of the region"
    assert "web/there-only: " in refused.stderr and "ResourceNotFound" in refused.stderr
    assert reader.files() == {"p": b"here"}


def test_q21_each_file_has_its_own_mode(reader):
    """The stock provider keeps a default for its whole process."""
    reader.secret("web/mode", "x")
    good(reader.pull(secret("web/mode", objectAlias="a", filePermission="0400"),
                     secret("web/mode", objectAlias="b", objectVersionLabel="AWSCURRENT")))
    modes = {name: os.stat(os.path.join(reader.out, name)).st_mode & 0o777 for name in ("a", "b")}
    assert modes == {"a": 0o400, "b": 0o644}


def test_q22_a_set_is_written_as_a_whole(reader):
    """The stock provider writes file by file into the volume, and leaves what is gone from the class."""
    reader.secret("web/set", "one")
    good(reader.pull(secret("web/set"), secret("web/set", objectAlias="more",
                                               objectVersionLabel="AWSCURRENT")))
    assert os.path.islink(os.path.join(reader.out, "..data"))
    good(reader.pull(secret("web/set")))
    assert sorted(name for name in os.listdir(reader.out) if not name.startswith("..")) == [
        "web_set"]


def test_what_the_role_may_not_read_is_refused_with_what_to_allow(binaries, ministack, folder):
    reader = Reader(binaries, ministack, folder)
    reader.secret("other/secret", "x")
    refused = reader.pull(secret("other/secret"))
    assert refused.returncode == 1
    assert "AccessDenied" in refused.stderr
    assert "allow secretsmanager:GetSecretValue on other/secret" in refused.stderr


def test_another_service_account_is_told_what_the_trust_policy_must_say(binaries, ministack, folder):
    reader = Reader(binaries, ministack, folder)
    reader.secret("web/stranger", "x")
    refused = programs.run(
        reader.command([secret("web/stranger")], "--service-account", "web/stranger",
                       account="stranger"), env=reader.environment)
    assert refused.returncode == 1
    assert "system:serviceaccount:web:stranger" in refused.stderr
    assert ministack.role in refused.stderr
