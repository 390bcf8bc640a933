"""AWS as far as ministack plays it: a server nobody here wrote, which verifies signatures, session
tokens, trust policies and policies (AUTH=true)."""
import json
import os
import secrets
import subprocess
import sys

import boto3

from . import http
from .process import Program, free_port, wait_until

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ISSUER = "kubernetes.default.svc.cluster.local"
AUDIENCE = "sts.amazonaws.com"
NAMESPACE, SERVICE_ACCOUNT, ROLE = "web", "shop", "shop"


class Ministack:
    name = "ministack"
    key_id = key = "test"

    def __init__(self, binaries, folder, region=REGION):
        self._binaries, self._folder, self.region = binaries, folder, region
        self.key_file = os.path.join(folder, "token-key.pem")
        subprocess.run([binaries.dev, "key", "--out", self.key_file], check=True,
                       capture_output=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {"HOME": folder, "PATH": os.environ["PATH"], "AUTH": "true",
                       "GATEWAY_PORT": str(port), "MINISTACK_REGION": region,
                       "MINISTACK_ACCOUNT_ID": ACCOUNT}
        hypercorn = os.path.join(os.path.dirname(sys.executable), "hypercorn")
        self.program = Program([hypercorn, "ministack.app:app", "-b", f"127.0.0.1:{port}"],
                               env=environment)
        wait_until(self._is_ready, "ministack: ready")

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("ministack ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.url}/_ministack/health")[0] == 200
        except OSError:
            return False

    def client(self, service):
        return boto3.client(service, endpoint_url=self.url, region_name=self.region,
                            aws_access_key_id=self.key_id, aws_secret_access_key=self.key)

    def set_up_role(self, actions, resource="*", name=ROLE):
        """A role that one service account may assume; its ARN."""
        iam = self.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:sub": f"system:serviceaccount:{NAMESPACE}:{SERVICE_ACCOUNT}"},
                "ForAnyValue:StringEquals": {f"{ISSUER}:aud": AUDIENCE}}}]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}))
        return role["Role"]["Arn"]

    def token_file(self, account=SERVICE_ACCOUNT, audience=AUDIENCE):
        path = os.path.join(self._folder, "token-" + secrets.token_hex(4))
        token = subprocess.run(
            [self._binaries.dev, "token", "--key", self.key_file, "--namespace", NAMESPACE,
             "--service-account", account, "--audience", audience, "--ttl", "1h",
             "--issuer", f"https://{ISSUER}"], check=True, capture_output=True, text=True).stdout
        with open(path, "w") as file:
            file.write(token.strip())
        os.chmod(path, 0o600)
        return path

    def stop(self):
        self.program.stop()
