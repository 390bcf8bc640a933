"""Where AWS's services are asked, beside botocore's own rules, in every region that it knows."""
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from test_sigv4 import judged

QUESTIONS = {"sts": ("assume_role_with_web_identity",
                     {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "xx",
                      "WebIdentityToken": "xxxx"}),
             "secretsmanager": ("get_secret_value", {"SecretId": "x"}),
             "ssm": ("get_parameters", {"Names": ["x"]})}
VARIANTS = [(False, False), (True, False), (False, True), (True, True)]


def all_regions(session):
    return sorted({region for partition in session.get_available_partitions()
                   for service in QUESTIONS
                   for region in session.get_available_regions(service, partition)})


def theirs(session, service, region, fips, dual_stack):
    """The address a request would go to; nothing where botocore knows none."""
    urls = []

    def caught(request, **_):
        urls.append(request.url.rstrip("/"))
        return AWSResponse(request.url, 500, {}, None)

    settings = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack,
                      retries={"total_max_attempts": 1})
    try:
        client = session.create_client(service, region_name=region, config=settings,
                                       aws_access_key_id="x", aws_secret_access_key="x")
        client.meta.events.register("before-send", caught)
        operation, arguments = QUESTIONS[service]
        getattr(client, operation)(**arguments)
    except (BotoCoreError, AttributeError):
        pass
    return urls[0] if urls else None


def test_every_region_is_asked_where_botocore_asks(binaries):
    session = botocore.session.get_session()
    cases = [{"endpointOf": service, "region": region, "fips": fips, "dualStack": dual_stack}
             for region in all_regions(session) for service in QUESTIONS
             for fips, dual_stack in VARIANTS
             if not (fips and region.startswith("cn-"))]  # China has none
    assert len(cases) > 400
    wrong = []
    for case, answer in zip(cases, judged(binaries, cases), strict=True):
        expected = theirs(session, case["endpointOf"], case["region"], case["fips"],
                          case["dualStack"])
        if expected is not None and answer["url"] != expected:
            wrong.append(f"{answer['url']} and not {expected}")
    assert not wrong, "\n".join(wrong)
