"""AWS as far as two servers play it: ministack, which nobody here wrote and which verifies signatures,
session tokens, trust policies and policies (AUTH=true), and our own dev store."""
import json
import os
import secrets
import subprocess
import sys

from . import http
from .process import Program, free_port, wait_until

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ISSUER = "kubernetes.default.svc.cluster.local"
AUDIENCE = "sts.amazonaws.com"
POD_AUDIENCE = "pods.eks.amazonaws.com"
NAMESPACE, SERVICE_ACCOUNT, ROLE = "web", "shop", "shop"


def role_arn(name=ROLE):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def trust_of(account=SERVICE_ACCOUNT, namespace=NAMESPACE):
    """Who may assume a role: one service account, by IRSA or by Pod Identity."""
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
         "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
         "Condition": {
             "StringEquals": {f"{ISSUER}:sub": f"system:serviceaccount:{namespace}:{account}"},
             "ForAnyValue:StringEquals": {f"{ISSUER}:aud": AUDIENCE}}},
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
         "Principal": {"Service": POD_AUDIENCE}}]}


def policy_of(actions, resource="*"):
    return {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}


class AwsLike:
    """A server of AWS's APIs at one address, and what the tests do to it with a key that may all."""

    def __init__(self, binaries, folder, region=REGION):
        self._binaries, self._folder, self.region = binaries, folder, region
        self.key_file = os.path.join(folder, "token-key.pem")
        subprocess.run([binaries.dev, "key", "--out", self.key_file], check=True,
                       capture_output=True)

    def client(self, service, **options):
        import boto3  # of the tests' venv
        return boto3.client(service, endpoint_url=self.url, **{
            "region_name": self.region, "aws_access_key_id": self.key_id,
            "aws_secret_access_key": self.key, **options})

    def set_up_role(self, actions, resource="*", name=ROLE, **whom):
        """A role that one service account may assume; its ARN."""
        iam = self.client("iam")
        role = iam.create_role(RoleName=name,
                               AssumeRolePolicyDocument=json.dumps(trust_of(**whom)))
        iam.put_role_policy(RoleName=name, PolicyName="read",
                            PolicyDocument=json.dumps(policy_of(actions, resource)))
        return role["Role"]["Arn"]

    def token(self, account=SERVICE_ACCOUNT, audience=AUDIENCE, namespace=NAMESPACE, ttl="1h",
              issuer=f"https://{ISSUER}", key_file=None):
        return subprocess.run(
            [self._binaries.dev, "token", "--key", key_file or self.key_file, "--namespace",
             namespace, "--service-account", account, "--audience", audience, "--ttl", ttl,
             "--issuer", issuer], check=True, capture_output=True, text=True).stdout.strip()

    def token_file(self, **claims):
        path = os.path.join(self._folder, "token-" + secrets.token_hex(4))
        with open(path, "w") as file:
            file.write(self.token(**claims))
        os.chmod(path, 0o600)
        return path

    def stop(self):
        self.program.stop()


class Ministack(AwsLike):
    name = "ministack"
    key_id = key = "test"

    def __init__(self, binaries, folder, region=REGION):
        super().__init__(binaries, folder, region)
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


class Moto(AwsLike):
    """moto, which nobody here wrote and which verifies nothing as it is started here: a judge of shapes."""
    name = "moto"
    key_id = key = "test"

    def __init__(self, binaries, folder, region=REGION):
        super().__init__(binaries, folder, region)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        server = os.path.join(os.path.dirname(sys.executable), "moto_server")
        self.program = Program([server, "-H", "127.0.0.1", "-p", str(port)],
                               env={"HOME": folder, "PATH": os.environ["PATH"],
                                    "MOTO_ACCOUNT_ID": ACCOUNT})
        wait_until(self._is_ready, "moto: ready")

    def _is_ready(self):
        if not self.program.running():
            raise RuntimeError("moto ended:\n" + self.program.output)
        try:
            return http.request("GET", f"{self.url}/moto-api/")[0] == 200
        except OSError:
            return False


class AwsDevStore(AwsLike):
    """keyferry-dev store --face aws; an app's secret is one JSON object named NAMESPACE/APP."""
    name = "keyferry-dev"
    key_id, key = "dev-root", "dev-only"
    secret = f"{NAMESPACE}/{SERVICE_ACCOUNT}"

    def __init__(self, binaries, folder, region=REGION, seed=None):
        super().__init__(binaries, folder, region)
        self._values = {}
        seed_file = os.path.join(folder, "aws-seed.json")
        with open(seed_file, "w") as file:
            json.dump({"account": ACCOUNT, "region": region,
                       "pod_identity": {f"{NAMESPACE}/{SERVICE_ACCOUNT}": ROLE}, **(seed or {})},
                      file)
        os.chmod(seed_file, 0o600)
        self.program = Program([binaries.dev, "store", "--face", "aws", "--listen", "127.0.0.1:0",
                                "--root-token", "dev-only", "--jwt-key", self.key_file, "--seed",
                                seed_file])
        self.url = self.program.wait_for_line("listening on ").split()[-1]

    def seed(self, **more):
        """What a seed file may say, added to what is there."""
        http.must("POST", f"{self.url}/dev/seed", more)

    def write(self, changes):
        """The app's secret, with these values of its."""
        self._values.update(changes)
        self.seed(secrets={self.secret: self._values})

    def set_up_app_role(self):
        """The role of the walk-through: it reads the app's secret, the app's account assumes it."""
        actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        resource = f"arn:aws:secretsmanager:{self.region}:{ACCOUNT}:secret:{self.secret}-??????"
        self.seed(roles={ROLE: {"trust": trust_of(),
                                "policies": {"read": policy_of(actions, resource)}}})

    def fault(self, **fault):
        """The next answers go wrong as told (see dev/faults.h)."""
        http.must("POST", f"{self.url}/dev/faults", fault)

    def no_faults(self):
        http.must("DELETE", f"{self.url}/dev/faults")

    def requests(self):
        return http.must("GET", f"{self.url}/dev/requests")["requests"]

    def forget_requests(self):
        http.must("DELETE", f"{self.url}/dev/requests")
