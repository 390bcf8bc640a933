"""The AWS face of the dev store judged by boto3 and botocore, AWS's own libraries: their signer, their
credential providers, their parsers of answers and errors."""
import datetime
import json
import os
import subprocess
from unittest import mock

import botocore.auth
import botocore.session
import botocore.utils
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from conftest import TOP
from peers import aws, programs
from peers.process import wait_until

READ = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret",
        "secretsmanager:BatchGetSecretValue", "ssm:GetParameter*"]
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def store(binaries, session_folder):
    path = os.path.join(session_folder, "aws-dev")
    os.mkdir(path)
    chained = {"trust": {"Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{aws.ACCOUNT}:role/{aws.ROLE}"}}]},
        "policies": {"read": aws.policy_of(READ)}}
    server = aws.AwsDevStore(binaries, path, seed={
        "regions": [aws.REGION, "us-east-1"],
        "users": {"alice": {"access_key_id": "AKIAALICE", "secret_access_key": "alices-key",
                            "policies": {"assume": aws.policy_of("sts:AssumeRole")}}},
        "roles": {
            aws.ROLE: {"trust": aws.trust_of(), "policies": {
                "read": aws.policy_of(READ, ["*:secret:web/*", "*:parameter/web/*"]),
                "batch": aws.policy_of("secretsmanager:BatchGetSecretValue")}},
            "chained": chained,
            "brief": {"trust": aws.trust_of(), "session_seconds": 1,
                      "policies": {"read": aws.policy_of(READ)}}},
        "secrets": {"web/seeded": {"user": "u", "password": "p"}, "other/private": "x"},
        "other_regions": {"us-east-1": {"secrets": {"web/seeded": "over there"}}},
        "parameters": {"/web/seeded": "sealed", "/web/plain": {"value": "v", "type": "String"}}})
    yield server
    server.stop()


@pytest.fixture
def root(store):
    return lambda service, **options: store.client(service, config=ONCE, **options)


def code_of(call, *arguments, **parameters):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **parameters)
    return refused.value.response["Error"]["Code"]


def session_of(monkeypatch, **variables):
    """A botocore session that finds its credentials itself, by these variables alone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
                        "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": aws.REGION,
                        "AWS_DEFAULT_REGION": aws.REGION, **variables}.items():
        monkeypatch.setenv(name, value)
    return botocore.session.Session()


def by_web_identity(monkeypatch, store, role=aws.ROLE, **claims):
    return session_of(monkeypatch, AWS_ENDPOINT_URL=store.url, AWS_ROLE_SESSION_NAME="judge",
                      AWS_ROLE_ARN=aws.role_arn(role),
                      AWS_WEB_IDENTITY_TOKEN_FILE=store.token_file(**claims))


# Signatures ---------------------------------------------------------------------------------------
def test_a_signature_is_taken_only_with_the_right_key_region_and_service(store, root):
    assert root("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{aws.ACCOUNT}:root"
    for service, wrong, unknown in (
            ("sts", "SignatureDoesNotMatch", "InvalidClientTokenId"),
            ("secretsmanager", "InvalidSignatureException", "UnrecognizedClientException")):
        def ask(**options):
            client = root(service, **options)
            if service == "sts":
                return client.get_caller_identity()
            return client.describe_secret(SecretId="web/seeded")
        assert code_of(ask, aws_secret_access_key="other") == wrong
        assert code_of(ask, aws_access_key_id="AKIANOBODY") == unknown
        assert code_of(ask, aws_session_token="none-was-given") == unknown
        assert code_of(ask, region_name="eu-central-1") == wrong
        assert ask(region_name="us-east-1")


@pytest.mark.parametrize("minutes, taken, word", [
    (-4, True, ""), (4, True, ""), (-6, False, "Signature expired"),
    (6, False, "Signature not yet current")])
def test_a_signature_is_good_for_five_minutes(root, minutes, taken, word):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: then):
        if taken:
            root("ssm").get_parameter(Name="/web/plain")
            return
        with pytest.raises(ClientError, match=word):
            root("ssm").get_parameter(Name="/web/plain")


@pytest.mark.parametrize("change", [
    {"body": b'{"SecretId": "web/sneaky"}'}, {"url": "?Action=GetCallerIdentity"},
    {"X-Amz-Target": "secretsmanager.DeleteSecret"}, {"X-Amz-Meta": "not signed"},
    {"X-Amz-Content-Sha256": "0" * 64}])
def test_nothing_of_a_signed_request_can_be_changed(store, root, change):
    client, sent = root("secretsmanager"), URLLib3Session()

    def change_and_send(request, **_):
        for name, value in change.items():
            if name == "url":
                request.url += value
            elif name == "body":
                assert len(request.body) == len(value)
                request.body = value
            else:
                request.headers[name] = value
        return sent.send(request)
    client.meta.events.register("before-send.secrets-manager.*", change_and_send)
    assert code_of(client.describe_secret, SecretId="web/seeded") == "InvalidSignatureException"


@pytest.mark.parametrize("header, code", [
    (None, "MissingAuthenticationTokenException"), ("Bearer x", "IncompleteSignatureException"),
    ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
     "IncompleteSignatureException")])
def test_other_authorizations_are_named(root, header, code):
    client, sent = root("ssm"), URLLib3Session()

    def change_and_send(request, **_):
        del request.headers["Authorization"]
        if header:
            request.headers["Authorization"] = header
        return sent.send(request)
    client.meta.events.register("before-send.ssm.*", change_and_send)
    assert code_of(client.get_parameter, Name="/web/plain") == code


def test_a_scope_for_another_service_is_refused(store):
    session = botocore.session.Session()
    client = session.create_client("secretsmanager", endpoint_url=store.url, config=ONCE,
                                   region_name=aws.REGION, aws_access_key_id=store.key_id,
                                   aws_secret_access_key=store.key)
    client.meta.events.register("choose-signer.*.*", lambda **_: "v4")
    client._request_signer._signing_name = "ssm"
    with pytest.raises(ClientError, match="correct service: 'secretsmanager'"):
        client.describe_secret(SecretId="web/seeded")


# Identities ---------------------------------------------------------------------------------------
def test_a_pod_finds_its_role_by_web_identity(store, monkeypatch):
    session = by_web_identity(monkeypatch, store)
    who = session.create_client("sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{aws.ACCOUNT}:assumed-role/{aws.ROLE}/judge"
    secrets = session.create_client("secretsmanager", config=ONCE)
    value = secrets.get_secret_value(SecretId="web/seeded")["SecretString"]
    assert json.loads(value) == {"user": "u", "password": "p"}
    with pytest.raises(ClientError, match="assumed-role/shop/judge is not authorized to perform: "
                                          "secretsmanager:GetSecretValue"):
        secrets.get_secret_value(SecretId="other/private")
    assert code_of(secrets.put_secret_value, SecretId="web/seeded",
                   SecretString="x") == "AccessDeniedException"


def test_credentials_by_profile(store, monkeypatch, folder):
    config = os.path.join(folder, "config")
    with open(config, "w") as file:
        file.write(f"[profile pod]\nrole_arn = {aws.role_arn()}\nregion = {aws.REGION}\n"
                   f"web_identity_token_file = {store.token_file()}\nrole_session_name = file\n")
    session = session_of(monkeypatch, AWS_CONFIG_FILE=config, AWS_PROFILE="pod",
                         AWS_ENDPOINT_URL=store.url)
    assert session.create_client("sts").get_caller_identity()["Arn"].endswith("/shop/file")


@pytest.mark.parametrize("claims, code", [
    ({"account": "stranger"}, "AccessDenied"), ({"namespace": "other"}, "AccessDenied"),
    ({"audience": "vault"}, "InvalidIdentityToken"), ({"ttl": "-1h"}, "ExpiredTokenException"),
    ({"issuer": "https://other.example.com"}, "InvalidIdentityToken"),
    ({"role": "none"}, "AccessDenied")])
def test_other_tokens_are_refused(store, root, claims, code):
    role = claims.pop("role", aws.ROLE)
    assert code_of(root("sts").assume_role_with_web_identity, RoleArn=aws.role_arn(role),
                   RoleSessionName="judge", WebIdentityToken=store.token(**claims)) == code


def test_forged_tokens_and_odd_parameters_are_refused(binaries, store, root, folder):
    def assume(token=store.token(), **more):
        return root("sts").assume_role_with_web_identity(**{
            "RoleArn": aws.role_arn(), "RoleSessionName": "judge", "WebIdentityToken": token,
            **more})
    forger = os.path.join(folder, "forger.pem")
    subprocess.run([binaries.dev, "key", "--out", forger], check=True)
    assert code_of(assume, store.token(key_file=forger)) == "InvalidIdentityToken"
    assert code_of(assume, "no.json.here") == "InvalidIdentityToken"
    assert code_of(assume, RoleSessionName="with blank") == "ValidationError"
    assert code_of(assume, DurationSeconds=900 * 60) == "ValidationError"
    answer = assume(DurationSeconds=900)
    assert answer["SubjectFromWebIdentityToken"] == "system:serviceaccount:web:shop"
    assert answer["Audience"] == aws.AUDIENCE
    left = answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert 880 < left.total_seconds() <= 900


def test_a_session_ends(store, root):
    keys = root("sts").assume_role_with_web_identity(
        RoleArn=aws.role_arn("brief"), RoleSessionName="judge",
        WebIdentityToken=store.token())["Credentials"]
    session = {"aws_access_key_id": keys["AccessKeyId"],
               "aws_secret_access_key": keys["SecretAccessKey"],
               "aws_session_token": keys["SessionToken"]}

    def refused():
        try:
            root("ssm", **session).get_parameter(Name="/web/plain")
        except ClientError as problem:
            return problem.response["Error"]["Code"]
    assert wait_until(refused, "the end of a session of one second",
                      pause=0.05) == "ExpiredTokenException"
    assert code_of(root("sts", **session).get_caller_identity) == "ExpiredToken"


def test_roles_are_chained_as_their_trust_says(store, root, monkeypatch):
    pod = by_web_identity(monkeypatch, store).create_client("sts", config=ONCE)
    keys = pod.assume_role(RoleArn=aws.role_arn("chained"), RoleSessionName="two")["Credentials"]
    second = root("secretsmanager", aws_access_key_id=keys["AccessKeyId"],
                  aws_secret_access_key=keys["SecretAccessKey"],
                  aws_session_token=keys["SessionToken"])
    assert second.get_secret_value(SecretId="other/private")["SecretString"] == "x"
    assert code_of(pod.assume_role, RoleArn=aws.role_arn("brief"),
                   RoleSessionName="two") == "AccessDenied"
    alice = root("sts", aws_access_key_id="AKIAALICE", aws_secret_access_key="alices-key")
    assert alice.get_caller_identity()["Arn"].endswith(":user/alice")
    assert code_of(alice.assume_role, RoleArn=aws.role_arn("chained"),
                   RoleSessionName="two") == "AccessDenied"


def test_what_is_taken_from_a_role_is_taken_from_its_sessions(store, root, monkeypatch):
    store.set_up_role(READ, name="revoked")
    ssm = by_web_identity(monkeypatch, store, role="revoked").create_client("ssm", config=ONCE)
    assert ssm.get_parameter(Name="/web/plain")["Parameter"]["Value"] == "v"
    root("iam").delete_role_policy(RoleName="revoked", PolicyName="read")
    assert code_of(ssm.get_parameter, Name="/web/plain") == "AccessDeniedException"
    root("iam").delete_role(RoleName="revoked")
    assert code_of(ssm.get_parameter, Name="/web/plain") == "UnrecognizedClientException"


def pod_identity(monkeypatch, store, **claims):
    return session_of(monkeypatch, AWS_ENDPOINT_URL=store.url,
                      AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{store.url}/v1/credentials",
                      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=store.token_file(
                          **{"audience": aws.POD_AUDIENCE, **claims}))


def test_a_pod_finds_its_role_by_the_pod_identity_agent(store, monkeypatch):
    session = pod_identity(monkeypatch, store)
    assert f":assumed-role/{aws.ROLE}/" in session.create_client(
        "sts").get_caller_identity()["Arn"]
    assert session.create_client("ssm").get_parameter(
        Name="/web/seeded", WithDecryption=True)["Parameter"]["Value"] == "sealed"


@pytest.mark.parametrize("claims", [{"account": "stranger"}, {"audience": aws.AUDIENCE},
                                    {"ttl": "-1h"}])
def test_the_agent_refuses_other_tokens(store, monkeypatch, claims):
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)
    with pytest.raises(botocore.exceptions.CredentialRetrievalError):
        pod_identity(monkeypatch, store, **claims).get_credentials().get_frozen_credentials()


# Secrets Manager ----------------------------------------------------------------------------------
def test_versions_and_stages_of_a_secret(root):
    sm = root("secretsmanager")
    made = sm.create_secret(Name="web/versions", SecretString="one", Description="of a test")
    first, arn = made["VersionId"], made["ARN"]
    second = sm.put_secret_value(SecretId=arn, SecretString="two")["VersionId"]
    third = sm.put_secret_value(SecretId="web/versions", SecretString="three",
                                VersionStages=["AWSPENDING"])["VersionId"]

    def value(**which):
        return sm.get_secret_value(**{"SecretId": "web/versions", **which})["SecretString"]
    assert value() == value(SecretId=arn) == value(SecretId=arn[:-7]) == "two"
    assert value(VersionId=first) == value(VersionStage="AWSPREVIOUS") == "one"
    assert value(VersionStage="AWSPENDING") == "three"
    assert code_of(value, VersionId=first, VersionStage="AWSCURRENT") == "InvalidRequestException"
    assert code_of(value, VersionStage="NONE") == "ResourceNotFoundException"
    assert code_of(sm.update_secret_version_stage, SecretId=arn, VersionStage="AWSCURRENT",
                   MoveToVersionId=third) == "InvalidParameterException"
    sm.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=third,
                                   RemoveFromVersionId=second)
    assert value() == "three" and value(VersionStage="AWSPREVIOUS") == "two"
    described = sm.describe_secret(SecretId=arn)
    assert described["VersionIdsToStages"] == {second: ["AWSPREVIOUS"],
                                               third: ["AWSCURRENT", "AWSPENDING"]}
    listed = sm.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True)["Versions"]
    assert {version["VersionId"] for version in listed} == {first, second, third}
    assert len(sm.list_secret_version_ids(SecretId=arn)["Versions"]) == 2


def test_bytes_empty_secrets_and_refusals(root):
    sm = root("secretsmanager")
    sm.create_secret(Name="web/bytes", SecretBinary=bytes(range(256)))
    read = sm.get_secret_value(SecretId="web/bytes")
    assert read["SecretBinary"] == bytes(range(256)) and "SecretString" not in read
    sm.create_secret(Name="web/empty")
    assert code_of(sm.get_secret_value, SecretId="web/empty") == "ResourceNotFoundException"
    assert code_of(sm.create_secret, Name="web/empty") == "ResourceExistsException"
    assert code_of(sm.create_secret, Name="with blank") == "ValidationException"
    assert code_of(sm.create_secret, Name="web/large",
                   SecretString="x" * 65537) == "InvalidParameterException"
    assert code_of(sm.get_secret_value, SecretId="web/none") == "ResourceNotFoundException"
    assert code_of(sm.get_secret_value, SecretId=f"arn:aws:secretsmanager:eu-central-1:"
                   f"{aws.ACCOUNT}:secret:web/bytes") == "ResourceNotFoundException"
    token = "t" * 32
    for _ in range(2):
        assert sm.put_secret_value(SecretId="web/empty", SecretString="1",
                                   ClientRequestToken=token)["VersionId"] == token
    assert code_of(sm.put_secret_value, SecretId="web/empty", SecretString="2",
                   ClientRequestToken=token) == "ResourceExistsException"


def test_a_deleted_secret_can_be_restored_until_it_is_gone(root):
    sm = root("secretsmanager")
    sm.create_secret(Name="web/deleted", SecretString="x")
    sm.delete_secret(SecretId="web/deleted", RecoveryWindowInDays=7)
    assert code_of(sm.get_secret_value, SecretId="web/deleted") == "InvalidRequestException"
    assert sm.describe_secret(SecretId="web/deleted")["DeletedDate"]
    sm.restore_secret(SecretId="web/deleted")
    assert sm.get_secret_value(SecretId="web/deleted")["SecretString"] == "x"
    sm.delete_secret(SecretId="web/deleted", ForceDeleteWithoutRecovery=True)
    assert code_of(sm.describe_secret, SecretId="web/deleted") == "ResourceNotFoundException"


def test_a_batch_has_errors_for_each_secret_alone(store, root, monkeypatch):
    pod = by_web_identity(monkeypatch, store).create_client("secretsmanager", config=ONCE)
    read = pod.batch_get_secret_value(SecretIdList=["web/seeded", "other/private", "web/none"])
    assert [value["Name"] for value in read["SecretValues"]] == ["web/seeded"]
    assert {error["SecretId"]: error["ErrorCode"] for error in read["Errors"]} == {
        "other/private": "AccessDeniedException", "web/none": "ResourceNotFoundException"}
    assert code_of(root("secretsmanager").batch_get_secret_value,
                   SecretIdList=["a"] * 21) == "ValidationException"


def test_each_region_has_secrets_of_its_own(root):
    there = root("secretsmanager", region_name="us-east-1")
    assert there.get_secret_value(SecretId="web/seeded")["SecretString"] == "over there"
    assert ":us-east-1:" in there.describe_secret(SecretId="web/seeded")["ARN"]


# Parameter Store ----------------------------------------------------------------------------------
def test_versions_and_labels_of_a_parameter(root):
    ssm = root("ssm")
    for number, value in enumerate(("one", "two", "three"), 1):
        assert ssm.put_parameter(Name="/web/v", Value=value, Type="SecureString",
                                 Overwrite=number > 1)["Version"] == number
    assert code_of(ssm.put_parameter, Name="/web/v", Value="x",
                   Type="String") == "ParameterAlreadyExists"
    ssm.label_parameter_version(Name="/web/v", ParameterVersion=2, Labels=["prod"])
    assert ssm.label_parameter_version(Name="/web/v", Labels=["aws-x", "1st"])[
        "InvalidLabels"] == ["aws-x", "1st"]

    def read(name, **more):
        return ssm.get_parameter(Name=name, **{"WithDecryption": True, **more})["Parameter"]
    assert read("/web/v")["Value"] == "three" and "Selector" not in read("/web/v")
    assert (read("/web/v:1")["Value"], read("/web/v:1")["Selector"]) == ("one", ":1")
    assert (read("/web/v:prod")["Value"], read("/web/v:prod")["Version"]) == ("two", 2)
    arn = read("/web/v")["ARN"]
    assert arn == f"arn:aws:ssm:{aws.REGION}:{aws.ACCOUNT}:parameter/web/v"
    assert read(arn + ":1")["Value"] == "one"
    assert read("/web/v", WithDecryption=False)["Value"] not in ("one", "two", "three")
    assert code_of(read, "/web/v:9") == "ParameterVersionNotFound"
    assert code_of(read, "/web/none") == "ParameterNotFound"
    ssm.label_parameter_version(Name="/web/v", ParameterVersion=3, Labels=["prod"])
    assert read("/web/v:prod")["Value"] == "three"


def test_parameters_ten_at_a_time(root):
    ssm = root("ssm")
    asked = ["/web/seeded", "/web/none", "/web/plain:1", "/web/plain", "/web/plain:old"]
    read = ssm.get_parameters(Names=asked, WithDecryption=True)
    assert sorted((one["Name"], one.get("Selector", "")) for one in read["Parameters"]) == [
        ("/web/plain", ""), ("/web/plain", ":1"), ("/web/seeded", "")]
    assert sorted(read["InvalidParameters"]) == ["/web/none", "/web/plain:old"]
    assert code_of(ssm.get_parameters, Names=[f"/web/{n}" for n in range(11)]) == (
        "ValidationException")
    assert code_of(ssm.put_parameter, Name="with blank", Value="x",
                   Type="String") == "ValidationException"
    assert code_of(ssm.put_parameter, Name="/web/large", Value="x" * 4097,
                   Type="String") == "ValidationException"


def test_one_denied_name_refuses_the_whole_question(store, monkeypatch):
    ssm = by_web_identity(monkeypatch, store).create_client("ssm", config=ONCE)
    assert len(ssm.get_parameters(Names=["/web/plain", "/web/seeded"])["Parameters"]) == 2
    assert code_of(ssm.get_parameters,
                   Names=["/web/plain", "/other/x"]) == "AccessDeniedException"


def test_parameters_below_a_path(root):
    ssm = root("ssm")
    for name in ("/tree/a", "/tree/b", "/tree/c/d", "/trees/x"):
        ssm.put_parameter(Name=name, Value=name, Type="String")

    def below(**more):
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/tree", **more)
        return [one["Name"] for page in pages for one in page["Parameters"]]
    assert below() == ["/tree/a", "/tree/b"]
    assert below(Recursive=True, MaxResults=1) == ["/tree/a", "/tree/b", "/tree/c/d"]
    ssm.delete_parameter(Name="/tree/a")
    assert below() == ["/tree/b"]


# keyferry pull ------------------------------------------------------------------------------------
def test_the_walk_through_as_it_stands_is_pulled_with_two_requests(binaries, store, folder):
    values = {key: key.upper() for key in (
        "database-type", "database-jdbc-url", "database-username", "database-password",
        "database-host", "database-name", "storage-service-name", "storage-endpoint",
        "storage-access-key-id", "storage-secret-access-key", "storage-bucket-name",
        "storage-perform-delete", "storage-use-ca-certificates", "mx-admin-password",
        "mx-debugger-password", "mx-const-MyFirstModule.MyConstant",
        "com.mendix.storage.s3.EncryptionKeys")}
    store.write(values)
    store.forget_requests()
    out = os.path.join(folder, "out")
    done = programs.run(
        [binaries.keyferry, "pull", "-f", str(TOP / "examples" / "aws"),
         "--out", out, "--token-file", f"{aws.AUDIENCE}={store.token_file()}"],
        env={"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": store.url})
    assert done.returncode == 0, done.stderr
    files = {name: open(os.path.join(out, name)).read() for name in os.listdir(out)
             if not name.startswith("..")}
    assert json.loads(files.pop("web_shop")) == values
    assert {name.removeprefix("mx-runtime-"): text for name, text in files.items()} == values
    assert [one["path"] for one in store.requests()] == [
        "/sts.AssumeRoleWithWebIdentity", "/secretsmanager.GetSecretValue"]


# Faults -------------------------------------------------------------------------------------------
def test_faults_speak_the_protocol_of_the_request(store, root):
    for service, path, ask, code in (
            ("ssm", "/ssm.GetParameter", lambda c: c.get_parameter(Name="/web/plain"),
             "ThrottlingException"),
            ("sts", "/sts.*", lambda c: c.get_caller_identity(), "Throttling")):
        store.fault(path=path, status=429)
        assert code_of(ask, root(service)) == code
        store.fault(path=path, status=400, code="ExpiredTokenException")
        assert code_of(ask, root(service)) == "ExpiredTokenException"
        store.fault(path=path, status=503)
        assert code_of(ask, root(service)) == "ServiceUnavailable"
        assert ask(root(service)), "nothing is left of it"


def test_requests_are_remembered_by_their_operation(store, root):
    store.forget_requests()
    root("ssm").get_parameter(Name="/web/plain")
    root("sts").get_caller_identity()
    assert [(one["path"], one["status"]) for one in store.requests()] == [
        ("/ssm.GetParameter", 200), ("/sts.GetCallerIdentity", 200)]
