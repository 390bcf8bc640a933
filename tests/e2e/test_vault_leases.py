"""Credentials that OpenBao makes in a real PostgreSQL: kept alive, replaced in time, given back."""
import os
import secrets
import signal
import threading
import time

import psycopg
import pytest
import yaml
from peers.process import Program, wait_until

OBJECTS = [("user", "username"), ("password", "password")]


@pytest.fixture(scope="module")
def database_bao(bao, postgres):
    """The database engine over PostgreSQL, and a role that may ask for credentials."""
    bao.call("POST", "sys/mounts/database", {"type": "database"})
    bao.call("POST", "database/config/pg", {
        "plugin_name": "postgresql-database-plugin", "allowed_roles": "*", "username": "admin",
        "password": postgres.password, "connection_url":
            "postgresql://{{username}}:{{password}}@127.0.0.1:%d/postgres?sslmode=disable"
            % postgres.port})
    bao.call("PUT", "sys/policies/acl/leases", {"policy": """
        path "database/*" { capabilities = ["read"] }
        path "pki/issue/*" { capabilities = ["update"] }
        path "secret/data/shop" { capabilities = ["read"] }"""})
    bao.call("POST", "sys/auth/leases", {"type": "jwt"})
    bao.call("POST", "auth/leases/config", {"jwt_validation_pubkeys": [bao.public_key()]})
    return bao


class Shop:
    """A class with one credential, and who pulls it."""

    def __init__(self, binaries, bao, postgres, folder, name):
        self.binaries, self.bao, self.postgres, self.folder = binaries, bao, postgres, folder
        self.name, self.out = name, os.path.join(folder, "out")
        self.manifest = os.path.join(folder, "class.yaml")
        self.token_file = bao.token_file()
        self.programs = []

    def allow(self, token_ttl="1h", token_max_ttl="0", **more):
        self.bao.call("POST", f"auth/leases/role/{self.name}", {
            "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"],
            "token_policies": ["leases"], "token_ttl": token_ttl, "token_max_ttl": token_max_ttl,
            **more})

    def make_role(self, ttl, max_ttl):
        self.bao.call("POST", f"database/roles/{self.name}", {
            "db_name": "pg", "default_ttl": ttl, "max_ttl": max_ttl, "creation_statements": [
                "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' "
                "VALID UNTIL '{{expiration}}' IN ROLE \"" + self.name + "\""]})
        self.postgres.sql(f'DROP ROLE IF EXISTS "{self.name}"')
        self.postgres.sql(f'CREATE ROLE "{self.name}"')

    def write_class(self, objects):
        with open(self.manifest, "w") as file:
            yaml.safe_dump({
                "apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
                "metadata": {"name": self.name, "namespace": "web"},
                "spec": {"provider": "vault", "parameters": {
                    "vaultAddress": self.bao.url, "roleName": self.name,
                    "vaultAuthMountPath": "leases", "objects": yaml.safe_dump(objects)}}}, file)

    def credential_class(self):
        self.write_class([{"objectName": file, "secretPath": f"database/creds/{self.name}",
                           "secretKey": key} for file, key in OBJECTS])

    def watch(self, every, *arguments):
        program = Program([self.binaries.keyferry, "pull", "-f", self.manifest, "--out", self.out,
                           "--watch", every, "--token-file", f"vault={self.token_file}",
                           "--log-format", "json", *arguments], name="keyferry pull")
        self.programs.append(program)
        return program

    def files(self, *names):
        """Of one set, whatever is written meanwhile."""
        whole = os.path.join(self.out, os.readlink(os.path.join(self.out, "..data")))
        return tuple(open(os.path.join(whole, name)).read() for name in names)

    def credential(self):
        while True:
            try:
                return self.files("user", "password")
            except FileNotFoundError:  # replaced between two steps
                continue

    def users(self):
        """The database users that were made and not taken back."""
        rows = self.postgres.sql(
            "SELECT m.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
            f"JOIN pg_roles r ON r.oid = a.roleid WHERE r.rolname = '{self.name}'")
        return set(rows.split("\n")) - {"", "admin"}

    def can_log_in(self, user, password):
        try:
            psycopg.connect(host="127.0.0.1", port=self.postgres.port, user=user,
                            password=password, dbname="postgres", connect_timeout=5).close()
            return True
        except psycopg.OperationalError:
            return False

    def stop(self):
        for program in self.programs:
            program.stop()


@pytest.fixture
def shop(binaries, database_bao, postgres, folder):
    shop = Shop(binaries, database_bao, postgres, folder, "shop-" + secrets.token_hex(3))
    shop.allow()
    yield shop
    shop.stop()


def test_a_credential_is_renewed_and_replaced_before_it_ends(shop):
    shop.make_role("4s", "11s")
    shop.credential_class()
    program = shop.watch("500ms")
    program.wait_for_line("set written")
    first, seen, refused = shop.credential(), [], []
    end = time.monotonic() + 25
    while time.monotonic() < end and len(seen) < 3:
        user, password = shop.credential()
        if not shop.can_log_in(user, password):
            refused.append(user)
        if user not in seen:
            seen.append(user)
        time.sleep(0.1)
    assert len(seen) == 3, program.output
    assert not refused, f"a credential that was mounted did not work: {refused} of {seen}"
    assert seen[0] == first[0]
    assert "warning" not in program.output and "error" not in program.output, program.output


def test_a_poll_makes_no_other_credential(shop):
    shop.make_role("1h", "24h")
    shop.credential_class()
    program = shop.watch("100ms")
    program.wait_for_line("set written")
    user, _ = shop.credential()
    time.sleep(2)
    assert shop.users() == {user}
    assert shop.credential()[0] == user
    assert program.output.count("set written") == 1


@pytest.mark.parametrize("what", ["lease", "token"])
def test_what_was_revoked_is_replaced_at_the_next_look(shop, what):
    shop.make_role("1h", "24h")
    shop.credential_class()
    program = shop.watch("200ms")
    program.wait_for_line("set written")
    first = shop.credential()
    path = f"sys/leases/revoke-prefix/database/creds/{shop.name}"
    shop.bao.call("PUT", path if what == "lease" else "sys/leases/revoke-prefix/auth/leases/login")
    wait_until(lambda: shop.credential()[0] != first[0], "another credential")
    assert shop.can_log_in(*shop.credential())
    assert not shop.can_log_in(*first)


def test_a_token_that_nears_its_maximum_takes_its_leases_along_and_is_replaced_before(shop):
    shop.allow(token_ttl="3s", token_max_ttl="7s")
    shop.make_role("1h", "24h")
    shop.credential_class()
    program = shop.watch("10m")
    program.wait_for_line("set written")
    seen, refused = [], []
    end = time.monotonic() + 25
    while time.monotonic() < end and len(seen) < 2:
        user, password = shop.credential()
        if not shop.can_log_in(user, password):
            refused.append(user)
        if user not in seen:
            seen.append(user)
        time.sleep(0.1)
    assert len(seen) == 2 and not refused, (seen, refused, program.output)


def test_a_killed_keyferry_goes_on_with_its_lease_and_gives_it_back_at_its_end(shop):
    shop.make_role("1h", "24h")
    shop.credential_class()
    state = os.path.join(shop.folder, "state")
    first_run = shop.watch("200ms", "--state", state)
    first_run.wait_for_line("set written")
    credential = shop.credential()
    first_run.signal(signal.SIGKILL)
    first_run.wait()
    kept = [os.path.join(state, name) for name in os.listdir(state)]
    assert [os.stat(path).st_mode & 0o777 for path in kept] == [0o600]
    assert os.stat(state).st_mode & 0o777 == 0o700
    second_run = shop.watch("200ms", "--state", state, "--revoke-on-exit")
    time.sleep(1.5)
    assert shop.credential() == credential and shop.users() == {credential[0]}
    assert "set written" not in second_run.output
    second_run.signal(signal.SIGTERM)
    assert second_run.wait() == 0
    assert "given back" in second_run.output
    wait_until(lambda: shop.users() == set(), "the user is gone from PostgreSQL")
    assert os.listdir(state) == []


def test_a_restart_goes_on_with_a_token_that_was_renewed(shop):
    shop.allow(token_ttl="6s")
    shop.make_role("1h", "24h")
    shop.credential_class()
    state = os.path.join(shop.folder, "state")
    first_run = shop.watch("200ms", "--state", state)
    first_run.wait_for_line("set written")
    credential = shop.credential()
    time.sleep(8)  # the token would have ended, had it not been renewed
    first_run.signal(signal.SIGKILL)
    first_run.wait()
    shop.watch("200ms", "--state", state)
    time.sleep(1.5)
    assert shop.credential() == credential and shop.users() == {credential[0]}


def test_a_role_without_the_default_policy_gets_one_user_and_is_told(shop):
    shop.allow(token_no_default_policy=True)
    shop.make_role("1h", "24h")
    shop.credential_class()
    program = shop.watch("200ms", "--revoke-on-exit")
    program.wait_for_line("set written")
    user, _ = shop.credential()
    time.sleep(2)
    assert shop.users() == {user} and program.output.count("set written") == 1
    assert program.output.count('path \\"sys/leases/lookup\\"') == 1, program.output
    program.signal(signal.SIGTERM)
    assert program.wait() == 0
    assert "logins or leases were not given back" in program.output, program.output


def test_a_state_folder_is_one_programs_at_a_time(shop):
    shop.make_role("1h", "24h")
    shop.credential_class()
    state = os.path.join(shop.folder, "state")
    first = shop.watch("200ms", "--state", state)
    first.wait_for_line("set written")
    second = shop.watch("200ms", "--state", state, "--revoke-on-exit")
    assert second.wait() == 1
    assert "another program has it open" in second.output
    assert len(shop.users()) == 1


def test_a_static_roles_password_is_read_right_after_its_rotation(shop):
    shop.postgres.sql('DROP ROLE IF EXISTS "static-user"')
    shop.postgres.make_user("static-user", "to-be-replaced")
    shop.bao.call("POST", f"database/static-roles/{shop.name}", {
        "db_name": "pg", "username": "static-user", "rotation_period": "6s"})
    shop.write_class([{"objectName": "user", "secretPath": f"database/static-creds/{shop.name}",
                       "secretKey": "username"},
                      {"objectName": "password", "secretPath": f"database/static-creds/{shop.name}",
                       "secretKey": "password"}])
    program = shop.watch("1h")
    program.wait_for_line("set written")
    first = shop.credential()
    wait_until(lambda: shop.credential() != first, "the password of the next rotation")
    assert shop.can_log_in(*shop.credential())
    assert program.output.count("set written") == 2


def test_a_certificate_is_issued_once_per_life_not_once_per_poll(shop, database_bao):
    database_bao.call("POST", "sys/mounts/pki", {"type": "pki"})
    database_bao.call("POST", "pki/root/generate/internal", {"common_name": "root", "ttl": "1h"})
    database_bao.call("POST", "pki/roles/shop", {"allow_any_name": True, "max_ttl": "1h"})
    objects = [{"objectName": file, "secretPath": "pki/issue/shop", "secretKey": key,
                "method": "PUT", "secretArgs": {"common_name": "shop.example", "ttl": "12s"}}
               for file, key in (("user", "certificate"), ("password", "private_key"))]
    shop.write_class(objects)
    program = shop.watch("200ms")
    program.wait_for_line("set written")
    first = shop.credential()
    time.sleep(2)
    assert shop.credential() == first
    wait_until(lambda: shop.credential() != first, "another certificate before the first ends")
    issued = database_bao.call("LIST", "pki/certs")["data"]["keys"]
    assert len(issued) == 3, "the root's and two"
    assert program.output.count("set written") == 2


def test_twenty_apps_of_one_account_at_once_get_one_credential_each(shop):
    """Each process is an identity's own session: none steals or ends another's lease."""
    shop.make_role("1h", "24h")
    shop.credential_class()
    outs = [os.path.join(shop.folder, f"out-{i}") for i in range(20)]
    threads = [threading.Thread(target=lambda out=out: Program(
        [shop.binaries.keyferry, "pull", "-f", shop.manifest, "--out", out, "--token-file",
         f"vault={shop.token_file}"]).wait()) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    users = {open(os.path.join(out, "user")).read() for out in outs}
    assert len(users) == 20 and users == shop.users()
