"""Our signatures before a server that verifies them: S3's rules, header and query form (versitygw)."""
import os
import time
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from peers.versitygw import Versitygw
from test_sigv4 import judged

BUCKET = "shop"
KEYS = ["plain", "a/b/c", "with blank", "plus+sign", "tilde~", "per%cent", "colon:at@equals=",
        "brackets[1]", "ünïcode/漢字", "quotes'()", "star*", "dollar$&comma,;"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    gateway = Versitygw(os.environ["KEYFERRY_VERSITYGW"], tmp_path_factory.mktemp("versitygw"))
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def bucket(server, binaries):
    assert sent(binaries, case_of(server, "PUT", f"/{BUCKET}"))[0] == 200
    return server


def case_of(server, method, path, body="", **more):
    return {"method": method, "url": server.url + path, "headers": [], "body": body,
            "keyId": server.KEY_ID, "key": server.KEY, "token": "", "region": server.REGION,
            "service": "s3", "time": int(time.time()), "s3": True, "lifetime": 0} | more


def path_of(key):
    return f"/{BUCKET}/{quote(key, safe='/~')}"


def exchange(method, url, headers=None, body=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def sent(binaries, case, **altered):
    """Signed by us, sent as signed, or with what `altered` says in its place."""
    signed = judged(binaries, [case])[0]
    assert "error" not in signed, signed
    told = case | altered
    if "url" in signed:
        return exchange(told["method"], altered.get("url", signed["url"]))
    headers = {name: value for name, value in signed["headers"].items() if name.lower() != "host"}
    body = told["body"].encode() or None
    return exchange(told["method"], told["url"], headers | altered.get("more", {}), body)


@pytest.mark.parametrize("key", KEYS)
def test_any_name_is_written_and_read_back(bucket, binaries, key):
    content = f"content of {key}"
    assert sent(binaries, case_of(bucket, "PUT", path_of(key), content))[0] == 200
    assert sent(binaries, case_of(bucket, "GET", path_of(key))) == (200, content.encode())


@pytest.mark.parametrize("key", KEYS)
def test_a_presigned_url_opens_it(bucket, binaries, key):
    assert sent(binaries, case_of(bucket, "PUT", path_of(key), "x"))[0] == 200
    assert sent(binaries, case_of(bucket, "GET", path_of(key), lifetime=60)) == (200, b"x")


def test_a_query_is_part_of_what_is_signed(bucket, binaries):
    listing = case_of(bucket, "GET", f"/{BUCKET}?list-type=2&prefix=a%2Fb&delimiter=%2F")
    status, answer = sent(binaries, listing)
    assert status == 200 and b"ListBucketResult" in answer
    assert sent(binaries, listing, url=listing["url"] + "&max-keys=1")[0] == 403


@pytest.mark.parametrize("wrong, code", [
    ({"key": "another"}, b"SignatureDoesNotMatch"),
    ({"keyId": "AKNOBODY"}, b"InvalidAccessKeyId"),
    ({"region": "us-east-1"}, b"AuthorizationHeaderMalformed"),
    ({"service": "ssm"}, b"AuthorizationHeaderMalformed"),
    ({"time": int(time.time()) - 3600}, b"RequestTimeTooSkewed"),
])
def test_the_server_does_verify(bucket, binaries, wrong, code):
    status, answer = sent(binaries, case_of(bucket, "GET", f"/{BUCKET}?list-type=2", **wrong))
    assert status in (400, 403) and code in answer, answer


@pytest.mark.parametrize("altered", [{"body": "other"}, {"method": "DELETE"},
                                     {"more": {"X-Amz-Date": "20200101T000000Z"}}])
def test_what_was_signed_cannot_be_altered(bucket, binaries, altered):
    assert sent(binaries, case_of(bucket, "PUT", path_of("fixed"), "kept"))[0] == 200
    status, _ = sent(binaries, case_of(bucket, "PUT", path_of("fixed"), "new"), **altered)
    assert status in (400, 403)
    assert sent(binaries, case_of(bucket, "GET", path_of("fixed"))) == (200, b"kept")


def test_a_presigned_url_ends(bucket, binaries):
    old = case_of(bucket, "GET", f"/{BUCKET}?list-type=2", lifetime=60,
                  time=int(time.time()) - 3600)
    assert sent(binaries, old)[0] in (400, 403)
