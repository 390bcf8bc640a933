"""A small JSON client for seeding stores and asking our programs."""
import json
import urllib.error
import urllib.request

# Loopback only: a proxy of the environment is not asked.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(method, url, body=None, headers=None, timeout=20):
    """(status, parsed JSON or None)."""
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    if data is not None:
        call.add_header("Content-Type", "application/json")
    return answer_of(_OPENER, call, timeout)


def answer_of(opener, call, timeout=20):
    """(status, parsed JSON or None) of a prepared request."""
    try:
        with opener.open(call, timeout=timeout) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text) if text else None
    except ValueError:
        return status, text.decode(errors="replace")


def must(method, url, body=None, headers=None):
    status, answer = request(method, url, body, headers)
    if status >= 300:
        raise RuntimeError(f"{method} {url}: {status} {answer}")
    return answer


def get_text(url, timeout=20):
    with _OPENER.open(url, timeout=timeout) as answer:
        return answer.read().decode()
