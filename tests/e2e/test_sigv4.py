"""Our signatures beside those of botocore, AWS's own Python library, on generated requests."""
import datetime
import json
import random
import string
import subprocess
from unittest import mock
from urllib.parse import quote, urlencode

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SEED = 20260131
CASES = 1500
REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-12"]
SERVICES = ["secretsmanager", "ssm", "sts", "rds-db", "execute-api"]
ODD = string.ascii_letters + string.digits + " /:@+=~-_.!*'(),;&?%$[]äé€漢"


def text(rng, longest, alphabet=ODD):
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(longest)))


def path_of(rng):
    parts = [rng.choice([quote(text(rng, 8), safe=""), quote(text(rng, 8), safe="~:@"), ".", "..",
                         "", "a%20b"]) for _ in range(rng.randrange(5))]
    return "/" + "/".join(parts)


def host_of(rng):
    host = rng.choice(["db-1.abc.eu-west-1.rds.amazonaws.com", "127.0.0.1", "[fd00:ec2::23]",
                       "sts.cn-north-1.amazonaws.com.cn"])
    return host + rng.choice(["", "", ":5432", ":443", ":80"])


def case_of(rng):
    query = [(text(rng, 6), text(rng, 12)) for _ in range(rng.randrange(4))]
    url = f"{rng.choice(['https', 'http'])}://{host_of(rng)}{path_of(rng)}"
    if query:
        url += "?" + urlencode(query, quote_via=quote, safe="~")
    headers = [["Content-Type", "application/x-amz-json-1.1"],
               ["X-Amz-Target", "secretsmanager.GetSecretValue"],
               ["X-Amz-Meta", rng.choice(["a", " a   b ", "a,  b", "tab\there"])],
               ["User-Agent", "anything"], ["Connection", "close"]]
    return {"method": rng.choice(["GET", "POST", "PUT"]), "url": url,
            "headers": rng.sample(headers, rng.randrange(len(headers))),
            "body": rng.choice(["", text(rng, 200)]), "keyId": "AKID" + text(rng, 12, "ABC123"),
            "key": "k" + text(rng, 40), "token": rng.choice(["", "t" + text(rng, 90, ODD[:70])]),
            "region": rng.choice(REGIONS), "service": rng.choice(SERVICES),
            "time": rng.randrange(1_400_000_000, 1_900_000_000), "s3": rng.random() < 0.2,
            "lifetime": 0}


def judged(binaries, cases):
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([binaries.judge("sigv4")], input=lines, text=True, check=True,
                          stdout=subprocess.PIPE, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def at_the_time_of(case):
    now = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    return mock.patch("botocore.auth.get_current_datetime", lambda *_: now.replace(tzinfo=None))


def signer_of(case, plain, s3, **options):
    credentials = Credentials(case["keyId"], case["key"], case["token"] or None)
    kind = s3 if case["s3"] else plain
    return kind(credentials, case["service"], case["region"], **options)


def signed_by_botocore(case):
    request = AWSRequest(method=case["method"], url=case["url"], data=case["body"],
                         headers=dict(case["headers"]))
    request.context["payload_signing_enabled"] = True
    with at_the_time_of(case):
        signer_of(case, auth.SigV4Auth, auth.S3SigV4Auth).add_auth(request)
    return request.headers


def test_generated_requests_are_signed_as_botocore_signs_them(binaries):
    rng = random.Random(SEED)
    cases = [case_of(rng) for _ in range(CASES)]
    for case in cases:
        case["service"] = "s3" if case["s3"] else case["service"]
    for case, ours in zip(cases, judged(binaries, cases), strict=True):
        theirs = signed_by_botocore(case)
        assert ours["headers"]["Authorization"] == theirs["Authorization"], json.dumps(case)
        assert ours["headers"].get("X-Amz-Security-Token", "") == case["token"]


def test_generated_urls_are_presigned_as_botocore_signs_them(binaries):
    """The form that a token for RDS has (kEncodedAgain); botocore keeps its own order of the query."""
    rng = random.Random(SEED + 1)
    cases = []
    for _ in range(CASES):
        user = text(rng, 16) or "u"
        cases.append(case_of(rng) | {
            "method": "GET", "body": "", "headers": [], "s3": False, "service": "rds-db",
            "lifetime": rng.choice([1, 900, 604800]),
            "url": f"https://{host_of(rng)}/?Action=connect&DBUser={quote(user, safe='')}"})
    for case, ours in zip(cases, judged(binaries, cases), strict=True):
        request = AWSRequest(method="GET", url=case["url"])
        with at_the_time_of(case):
            signer_of(case, auth.SigV4QueryAuth, auth.S3SigV4QueryAuth,
                      expires=case["lifetime"]).add_auth(request)
        ours_base, ours_query = ours["url"].split("?", 1)
        their_base, their_query = request.url.split("?", 1)
        assert ours_base == their_base.replace(":443/", "/"), json.dumps(case)
        assert sorted(ours_query.split("&")) == sorted(their_query.split("&")), json.dumps(case)
