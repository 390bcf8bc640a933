"""Times botocore's signer on the request of sigv4_bench.cc: prints {"sign": µs}, a median."""
import json
import statistics
import timeit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def main():
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                   "a-session-token"), "secretsmanager", "eu-west-1")

    def sign():
        signer.add_auth(AWSRequest(
            "POST", "https://secretsmanager.eu-west-1.amazonaws.com/",
            headers={"Content-Type": "application/x-amz-json-1.1",
                     "X-Amz-Target": "secretsmanager.GetSecretValue"},
            data=b'{"SecretId":"shop/database"}'))
    timer = timeit.Timer(sign)
    count = max(1, timer.autorange()[0] // 4)
    print(json.dumps({"sign": statistics.median(timer.repeat(7, count)) / count * 1e6}))


if __name__ == "__main__":
    main()
