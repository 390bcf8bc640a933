"""Starts the real servers of every store and runs the conformance suite against each."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tools"))

from peers import aws, azure, programs, stores  # noqa: E402


def vault_peers(arguments, binaries, folder, provider):
    """Servers of the Vault API: our own double and the real thing."""
    for name, make in (("dev", lambda d: stores.DevStore(binaries, d)),
                       ("openbao", lambda d: stores.OpenBao(binaries, d, arguments.bao))):
        own = os.path.join(folder, f"{provider}-{name}")
        os.mkdir(own)
        server = make(own)
        try:
            server.call("PUT", "sys/policies/acl/conformance",
                        {"policy": 'path "secret/data/conformance/*" { capabilities = ["read"] }'})
            server.call("POST", "sys/auth/kubernetes", {"type": "jwt"})
            server.call("POST", "auth/kubernetes/config",
                        {"jwt_validation_pubkeys": [server.public_key()]})
            server.call("POST", "auth/kubernetes/role/conformance", {
                "role_type": "jwt", "user_claim": "sub", "bound_audiences": [provider],
                "bound_subject": "system:serviceaccount:web:shop",
                "token_policies": ["conformance"], "token_ttl": "10m"})
            yield server.name, {
                "KEYFERRY_VAULT_URL": server.url,
                "KEYFERRY_VAULT_ROOT_TOKEN": server.root_token,
                "KEYFERRY_VAULT_TOKEN_FILE": server.token_file(audience=provider),
                "KEYFERRY_VAULT_STRANGER_TOKEN_FILE": server.token_file(
                    account="stranger", audience=provider)}
        finally:
            server.stop()


def aws_peers(_, binaries, folder, __):
    """Servers that verify signatures and evaluate trust policies and policies."""
    for make in (aws.AwsDevStore, aws.Ministack):
        own = os.path.join(folder, f"aws-{make.__name__}")
        os.mkdir(own)
        server = make(binaries, own)
        try:
            arn = server.set_up_role(
                ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret",
                 "secretsmanager:BatchGetSecretValue"])
            yield server.name, {
                "KEYFERRY_AWS_URL": server.url, "KEYFERRY_AWS_REGION": server.region,
                "KEYFERRY_AWS_KEY_ID": server.key_id, "KEYFERRY_AWS_KEY": server.key,
                "KEYFERRY_AWS_ROLE_ARN": arn, "KEYFERRY_AWS_TOKEN_FILE": server.token_file(),
                "KEYFERRY_AWS_STRANGER_TOKEN_FILE": server.token_file(account="stranger")}
        finally:
            server.stop()


def azure_peers(_, binaries, folder, __):
    """Our own double: no server of Key Vault can be had. The vendor's clients judge it."""
    own = os.path.join(folder, "azure")
    os.mkdir(own)
    server = azure.AzureDevStore(binaries, own)
    try:
        yield server.name, {
            "KEYFERRY_AZURE_URL": server.url, "KEYFERRY_AZURE_CA_FILE": server.ca_file,
            "KEYFERRY_AZURE_CLOUD_FILE": server.parameters()["cloudEnvFileName"],
            "KEYFERRY_AZURE_VAULT": azure.VAULT, "KEYFERRY_AZURE_TENANT": azure.TENANT,
            "KEYFERRY_AZURE_CLIENT": azure.CLIENT,
            "KEYFERRY_AZURE_ROOT_TOKEN": server.root_token,
            "KEYFERRY_AZURE_TOKEN_FILE": server.token_file(),
            "KEYFERRY_AZURE_STRANGER_TOKEN_FILE": server.token_file(account="stranger")}
    finally:
        server.stop()


# Every folder of stores.def needs its servers here; one that is missing fails the run.
PEERS = {"vault": vault_peers, "aws": aws_peers, "azure": azure_peers}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--suite", required=True)
    parser.add_argument("--bao", required=True)
    arguments = parser.parse_args()
    binaries = programs.Binaries(os.path.abspath(arguments.binaries))
    text = (TOP / "src/stores/stores.def").read_text()
    lines = re.findall(r'^KEYFERRY_STORE\((\w+), "([^"]+)"\)', text, re.M)
    failed = []
    with tempfile.TemporaryDirectory(prefix="keyferry-conformance-", dir="/dev/shm") as folder:
        for store, provider in lines:
            for name, environment in PEERS[store](arguments, binaries, folder, provider):
                print(f"-- {provider} against {name}", flush=True)
                done = subprocess.run([os.path.abspath(arguments.suite), "--gtest_brief=1",
                                       f"--gtest_filter=*/{provider}"],
                                      env={**os.environ, **environment})
                if done.returncode != 0:
                    failed.append(f"{provider} against {name}")
    if failed or not lines:
        print("conformance failed: " + ", ".join(failed or ["no store in stores.def"]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
