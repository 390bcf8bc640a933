"""The dev store's database engine judged by hvac, psycopg and a real PostgreSQL, and as keyferry pull
meets it; the same behaviours of OpenBao are in test_vault_leases.py."""
import os
import secrets
import signal
import time

import hvac
import psycopg
import pytest
from peers import stores
from peers.process import wait_until
from test_vault_leases import Shop

CREATE = ["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'",
          'GRANT pg_read_all_data TO "{{name}}"']


@pytest.fixture(scope="module")
def store(binaries, postgres, session_folder):
    path = os.path.join(session_folder, "dev-database")
    os.mkdir(path)
    server = stores.DevStore(binaries, path)
    server.call("POST", "sys/mounts/database", {"type": "database"})
    server.call("POST", "database/config/pg", config(postgres))
    server.call("PUT", "sys/policies/acl/leases",
                {"policy": 'path "database/*" { capabilities = ["read"] }'})
    server.call("POST", "sys/auth/leases", {"type": "jwt"})
    server.call("POST", "auth/leases/config", {"jwt_validation_pubkeys": [server.public_key()]})
    yield server
    server.stop()


def config(postgres, **changes):
    return {"plugin_name": "postgresql-database-plugin", "allowed_roles": "*", "username": "admin",
            "password": postgres.password, "connection_url":
                "postgresql://{{username}}:{{password}}@127.0.0.1:%d/postgres?sslmode=disable"
                % postgres.port, **changes}


@pytest.fixture
def client(store):
    return hvac.Client(url=store.url, token=store.root_token)


@pytest.fixture
def role(client):
    name = "role-" + secrets.token_hex(3)

    def make(ttl="1h", max_ttl="24h", **more):
        client.secrets.database.create_role(name, db_name="pg", default_ttl=ttl, max_ttl=max_ttl,
                                            creation_statements=CREATE, **more)
        return name
    return make


@pytest.fixture
def can_log_in(postgres):
    def tried(credential):
        try:
            psycopg.connect(host="127.0.0.1", port=postgres.port, user=credential["username"],
                            password=credential["password"], dbname="postgres",
                            connect_timeout=5).close()
            return True
        except psycopg.OperationalError:
            return False
    return tried


def exists(postgres, user):
    return postgres.sql(f"SELECT count(*) FROM pg_roles WHERE rolname = '{user}'") == "1"


def test_a_configuration_is_tried_and_read_back_without_its_password(client, postgres):
    database = client.secrets.database
    for changes, words in (({"password": "wrong"}, "password authentication failed"),
                           ({"connection_url": ""}, "connection_url cannot be empty"),
                           ({"plugin_name": "mysql"}, "plugin not found")):
        with pytest.raises(hvac.exceptions.VaultError, match=words) as refused:
            client.write_data("database/config/other", data=config(postgres, **changes))
        assert postgres.password not in str(refused.value)
    shown = database.read_connection("pg")["data"]
    assert shown["connection_details"]["username"] == "admin" and shown["allowed_roles"] == ["*"]
    assert postgres.password not in str(shown)
    assert "pg" in database.list_connections()["data"]["keys"]


def test_a_credential_works_until_its_lease_is_revoked(client, postgres, role, can_log_in):
    name = role()
    assert client.secrets.database.read_role(name)["data"]["db_name"] == "pg"
    first, second = (client.secrets.database.generate_credentials(name) for _ in range(2))
    assert first["data"]["username"] != second["data"]["username"]
    assert first["lease_duration"] == 3600 and first["renewable"]
    assert first["lease_id"].startswith(f"database/creds/{name}/")
    assert can_log_in(first["data"]) and can_log_in(second["data"])
    client.sys.revoke_lease(first["lease_id"])
    assert not can_log_in(first["data"]) and can_log_in(second["data"])
    assert not exists(postgres, first["data"]["username"])
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid lease"):
        client.sys.read_lease(first["lease_id"])
    client.sys.revoke_prefix(f"database/creds/{name}")
    assert not exists(postgres, second["data"]["username"])


def test_a_user_that_owns_things_is_dropped_and_they_stay(client, postgres, role):
    credential = client.secrets.database.generate_credentials(role(max_ttl="1h"))
    user = credential["data"]["username"]
    table = "t" + secrets.token_hex(3)
    postgres.sql(f'CREATE TABLE {table} (); ALTER TABLE {table} OWNER TO "{user}"')
    client.sys.revoke_lease(credential["lease_id"])
    assert not exists(postgres, user)
    assert postgres.sql(f"SELECT tableowner FROM pg_tables WHERE tablename = '{table}'") == "admin"


def test_a_renewal_moves_the_end_also_in_the_database_but_not_beyond_the_longest(
        client, postgres, role):
    credential = client.secrets.database.generate_credentials(role(ttl="60s", max_ttl="90s"))
    user, lease = credential["data"]["username"], credential["lease_id"]

    def left():
        return float(postgres.sql("SELECT extract(epoch FROM rolvaliduntil - now()) FROM pg_roles "
                                  f"WHERE rolname = '{user}'"))
    assert 60 < left() <= 65, "a little later than the lease"
    renewed = client.sys.renew_lease(lease, increment=80)
    assert renewed["lease_duration"] == 80 and 80 < left() <= 85
    capped = client.sys.renew_lease(lease, increment=600)
    assert 85 < capped["lease_duration"] <= 90 and capped["warnings"] and left() <= 95
    looked_up = client.sys.read_lease(lease)["data"]
    assert looked_up["id"] == lease and 85 < looked_up["ttl"] <= 90 and looked_up["last_renewal"]


def test_a_lease_ends_by_itself(client, postgres, role, can_log_in):
    credential = client.secrets.database.generate_credentials(role(ttl="1s", max_ttl="2s"))
    assert can_log_in(credential["data"])
    wait_until(lambda: not exists(postgres, credential["data"]["username"]), "the user's end")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="lease not found"):
        client.sys.renew_lease(credential["lease_id"])


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_leases_end_with_the_token_that_asked(store, client, postgres, role, end):
    token = client.auth.token.create(policies=["leases"], ttl="1h" if end == "revoked" else "1s")
    pod = hvac.Client(url=store.url, token=token["auth"]["client_token"])
    user = pod.secrets.database.generate_credentials(role())["data"]["username"]
    others = client.secrets.database.generate_credentials(role())["data"]["username"]
    assert exists(postgres, user)
    if end == "revoked":
        pod.auth.token.revoke_self()
    wait_until(lambda: not exists(postgres, user), "the user's end")
    assert exists(postgres, others)


def test_statements_of_ones_own_and_those_that_fail(client, postgres):
    name = "own-" + secrets.token_hex(3)
    database = client.secrets.database
    database.create_role(name, db_name="pg", creation_statements=CREATE,
                         revocation_statements=['ALTER ROLE "{{name}}" NOLOGIN'])
    credential = database.generate_credentials(name)
    user = credential["data"]["username"]
    client.sys.revoke_lease(credential["lease_id"])
    assert postgres.sql(f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{user}'") == "f"
    database.create_role(name, db_name="pg",
                         creation_statements=[*CREATE, "SELECT '{{password}}' FROM nowhere"])
    before = postgres.sql("SELECT count(*) FROM pg_roles")
    with pytest.raises(hvac.exceptions.InternalServerError,
                       match='relation "nowhere" does not exist') as refused:
        database.generate_credentials(name)
    assert "A1a-" not in str(refused.value), "no password in an error"
    assert postgres.sql("SELECT count(*) FROM pg_roles") == before, "all or nothing"
    with pytest.raises(hvac.exceptions.InvalidRequest, match="unknown role"):
        database.generate_credentials("none")
    database.create_role(name, db_name="none", creation_statements=CREATE)
    with pytest.raises(hvac.exceptions.InternalServerError, match='"none"'):
        database.generate_credentials(name)


def test_a_static_role_is_rotated_at_once_in_time_and_on_demand(client, postgres, can_log_in):
    name = "static-" + secrets.token_hex(3)
    database = client.secrets.database
    postgres.make_user(name, "to-be-replaced")
    database.create_static_role(name, db_name="pg", username=name, rotation_statements=[],
                                rotation_period="2s")
    first = database.get_static_credentials(name)["data"]
    assert first["rotation_period"] == 2 and 0 < first["ttl"] <= 2
    assert can_log_in(first)
    assert not can_log_in({"username": name, "password": "to-be-replaced"})

    def other_than(password):
        return wait_until(lambda: (lambda read: read["password"] != password and read)(
            database.get_static_credentials(name)["data"]), "the next password")
    second = other_than(first["password"])
    assert can_log_in(second) and not can_log_in(first)
    database.create_static_role(name, db_name="pg", username=name, rotation_statements=[],
                                rotation_period="1h")
    database.rotate_static_role_credentials(name)
    third = other_than(second["password"])
    assert can_log_in(third) and third["ttl"] > 3000
    with pytest.raises(hvac.exceptions.InternalServerError, match="does not exist"):
        database.create_static_role("ghost", db_name="pg", username="ghost",
                                    rotation_statements=[])
    with pytest.raises(hvac.exceptions.InvalidRequest, match="unknown role"):
        database.get_static_credentials("ghost")


@pytest.fixture
def shop(binaries, store, postgres, folder):
    shop = Shop(binaries, store, postgres, folder, "shop-" + secrets.token_hex(3))
    shop.allow()
    yield shop
    shop.stop()


def test_pull_renews_and_replaces_a_credential_before_it_ends(shop):
    shop.make_role("3s", "7s")
    shop.credential_class()
    program = shop.watch("300ms")
    program.wait_for_line("set written")
    seen, refused = [], []
    end = time.monotonic() + 15
    while time.monotonic() < end and len(seen) < 2:
        user, password = shop.credential()
        if not shop.can_log_in(user, password):
            refused.append(user)
        if user not in seen:
            seen.append(user)
        time.sleep(0.05)
    assert len(seen) == 2 and not refused, (seen, refused, program.output)


def test_pull_replaces_what_was_revoked_and_gives_back_what_it_has(shop, store):
    shop.make_role("1h", "24h")
    shop.credential_class()
    program = shop.watch("200ms", "--revoke-on-exit")
    program.wait_for_line("set written")
    first = shop.credential()
    for path in (f"database/creds/{shop.name}", "auth/leases/login"):
        before = shop.credential()
        store.call("PUT", f"sys/leases/revoke-prefix/{path}")
        wait_until(lambda: shop.credential()[0] != before[0], "another credential")
        assert shop.can_log_in(*shop.credential()) and not shop.can_log_in(*before)
    assert shop.credential() != first and len(shop.users()) == 1
    program.signal(signal.SIGTERM)
    assert program.wait() == 0
    wait_until(lambda: shop.users() == set(), "the user is gone from PostgreSQL")
