"""The sidecar between real files, the stand-in runtime and a real PostgreSQL."""
import hashlib
import os
import signal
import time

import psycopg
import pytest
import yaml
from conftest import values_of
from peers import http, programs
from peers.process import wait_until


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def settled(runtime, more=10):
    """The connection counts after so many more attempts."""
    def attempts():
        counts = runtime.stats()["connections"]
        return counts["opened"] + counts["failed"], counts
    begin, _ = attempts()
    return wait_until(lambda: attempts()[1] if attempts()[0] >= begin + more else None,
                      "more connections")


def test_an_app_is_brought_up_and_rotated_without_a_restart(road):
    road.watch()
    runtime = road.runtime("--ddl", "2")
    sidecar = road.sidecar(runtime)
    sidecar.wait_running()
    stats = runtime.stats()
    assert stats["settings_sha256"]["DatabasePassword"] == sha256("pw-one!")
    assert stats["admin_users_sha256"]["MxAdmin"] == sha256("Admin-one-1!")
    assert stats["debugger"] == {"enabled": True, "password_sha256": sha256("debug-one")}
    assert stats["constants_at_start_sha256"]["MyFirstModule.MyConstant"] == sha256("constant-one")
    assert runtime.events("execute_ddl_commands")[0]["count"] == 2
    assert settled(runtime)["failed"] == 0

    starts, pid = stats["starts"], runtime.pid
    road.postgres.set_password("shop", "pw-two!")
    road.store.update("shop-database", **{"database-password": "pw-two!"})
    wait_until(lambda: runtime.stats()["live_sha256"].get("DatabasePassword") == sha256("pw-two!"),
               "the new password")
    before = settled(runtime, 4)["failed"]
    assert settled(runtime)["failed"] == before
    with psycopg.connect(host="127.0.0.1", port=road.postgres.port, user="shop",
                         password="pw-two!", dbname="shop") as connection:
        assert connection.execute("select 1").fetchone() == (1,)

    road.store.update("shop-configuration", **{"mx-admin-password": "Admin-two-2!",
                                               "mx-debugger-password": ""})
    wait_until(lambda: runtime.stats()["admin_users_sha256"]["MxAdmin"] == sha256("Admin-two-2!")
               and not runtime.stats()["debugger"]["enabled"], "admin and debugger")

    road.store.update("shop-configuration",
                      **{"mx-const-MyFirstModule.MyConstant": "constant-two"})
    status = sidecar.wait_for(lambda s: s["pendingRestart"], "a pending restart")
    assert [p["name"] for p in status["pendingRestart"]] == ["constant MyFirstModule.MyConstant"]
    road.store.update("shop-configuration",
                      **{"mx-const-MyFirstModule.MyConstant": "constant-one"})
    sidecar.wait_for(lambda s: not s["pendingRestart"], "the restart is not needed any more")
    assert (runtime.stats()["starts"], runtime.pid) == (starts, pid)


def no_value_in_environment(pid):
    """What root reads has no value; to its own user it is closed. And no child was given any."""
    def read():
        with open(f"/proc/{pid}/environ") as file:
            return file.read()
    if os.getuid() == 0:
        environment = read()
        assert "PATH=" in environment
        assert not any(value in environment for value in values_of())
    else:
        assert not any(value in given for value in values_of() for given in os.environ.values())
        with pytest.raises(PermissionError):
            read()
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as file:
            assert file.read() == ""


def test_status_metrics_and_logs_never_hold_a_value(road):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime, "--log-level", "debug")
    status = sidecar.wait_running()
    assert status["groups"]["database"] == {"source": "store", "mode": "password"}
    assert status["groups"]["storage"] == {"source": "store", "mode": "s3-static"}
    assert status["groups"]["constants"]["source"]
    metrics = sidecar.metrics()
    assert "keyferry_sidecar_running 1" in metrics
    assert sidecar.health()[0] == 200
    said = str(sidecar.status()) + metrics + sidecar.program.output
    for value in values_of():
        assert value not in said
    no_value_in_environment(sidecar.program.pid)


@pytest.mark.parametrize("key, value, words", [
    ("database-type", "mongodb", "database-type"),
    ("storage-perform-delete", "perhaps", "storage-perform-delete"),
    ("database-password", "", "database-password"),
    ("storage-bucket-name", "a/b", "storage-bucket-name"),
])
def test_a_bad_new_set_never_replaces_the_good_one(road, key, value, words):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    sidecar.wait_running()
    before = runtime.stats()
    secret = "shop-database" if key.startswith("database") else "shop-files"
    good = road.store.read(secret)[key]
    road.store.update(secret, **{key: value})
    status = sidecar.wait_for(lambda s: s["degraded"], "degraded")
    assert words in status["trouble"]
    after = runtime.stats()
    assert after["settings_sha256"] == before["settings_sha256"]
    assert after["update_configuration"]["count"] == before["update_configuration"]["count"]
    road.store.update(secret, **{key: good})
    sidecar.wait_for(lambda s: not s["degraded"], "good again")


def test_a_vanished_database_password_is_kept(road):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    sidecar.wait_running()
    spc = os.path.join(road.manifests, "secretproviderclass.yaml")
    program = next(part for part in road._parts if getattr(part, "name", "") == "keyferry pull")
    program.stop()
    with open(spc) as file:
        text = file.read()
    parsed = yaml.safe_load(text)
    objects = yaml.safe_load(parsed["spec"]["parameters"]["objects"])
    parsed["spec"]["parameters"]["objects"] = yaml.safe_dump(
        [o for o in objects if o["objectName"] != "database-password"])
    with open(spc, "w") as file:
        yaml.safe_dump(parsed, file)
    assert road.pull().returncode == 0
    status = sidecar.wait_for(lambda s: s["keptValues"], "a kept value")
    assert status["keptValues"] == ["DatabasePassword"] and status["degraded"]
    assert runtime.stats()["live_sha256"]["DatabasePassword"] == sha256("pw-one!")


def test_a_refused_setting_leaves_the_old_one_and_shows_no_value(road):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    sidecar.wait_running()
    runtime.script(refuse={"DatabasePassword": "the driver says no to pw-two!"})
    road.store.update("shop-database", **{"database-password": "pw-two!"})
    status = sidecar.wait_for(lambda s: s["degraded"], "degraded")
    assert "the driver says no to ***" in status["trouble"]
    assert "pw-two!" not in str(status) + sidecar.program.output
    runtime.script()
    sidecar.wait_for(lambda s: not s["degraded"], "applied after all")
    assert runtime.stats()["live_sha256"]["DatabasePassword"] == sha256("pw-two!")


def test_a_runtime_that_dies_mid_apply_is_brought_up_again(road):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    sidecar.wait_running()
    runtime.script(die_on="update_configuration")
    road.postgres.set_password("shop", "pw-two!")
    road.store.update("shop-database", **{"database-password": "pw-two!"})
    assert runtime.program.wait() != 0
    sidecar.wait_for(lambda s: s["degraded"], "degraded")
    assert sidecar.health()[0] == 503
    runtime.restart()
    wait_until(lambda: runtime.stats()["state"] == "running", "running again")
    assert runtime.stats()["settings_sha256"]["DatabasePassword"] == sha256("pw-two!")
    sidecar.wait_for(lambda s: not s["degraded"], "good again")


def test_a_sidecar_restarted_alone_finds_the_runtime_running(road):
    road.watch()
    runtime = road.runtime()
    first = road.sidecar(runtime)
    first.wait_running()
    starts = runtime.stats()["starts"]
    assert first.stop() == 0
    assert runtime.stats()["state"] == "running"
    road.postgres.set_password("shop", "pw-two!")
    road.store.update("shop-database", **{"database-password": "pw-two!"})
    wait_until(lambda: open(os.path.join(road.out, "database-password")).read() == "pw-two!",
               "the file")
    road.sidecar(runtime).wait_running()
    assert runtime.stats()["starts"] == starts
    assert runtime.stats()["live_sha256"]["DatabasePassword"] == sha256("pw-two!")


def test_files_that_come_late_are_waited_for(road):
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    sidecar.wait_for(lambda s: s["phase"] == "waiting-for-secrets" and s["degraded"], "waiting")
    assert runtime.stats()["update_configuration"]["count"] == 0
    assert sidecar.health()[0] == 200, "a runtime that waits for its settings is alive"
    assert road.pull().returncode == 0
    sidecar.wait_running()


def test_giving_up_leaves_the_reason(road):
    runtime = road.runtime()
    reason = os.path.join(road.folder, "termination-log")
    open(reason, "w").close()
    sidecar = road.sidecar(runtime, "--give-up", "300ms", "--termination-log", reason)
    assert sidecar.program.wait() == 1
    assert "gave up" in open(reason).read()


def test_a_wrong_database_password_is_recognised(road):
    road.store.update("shop-database", **{"database-password": "wrong!"})
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    status = sidecar.wait_for(lambda s: s["phase"] == "starting" and s["degraded"], "refused", 30)
    assert "password" in status["trouble"] and "wrong!" not in status["trouble"]
    road.store.update("shop-database", **{"database-password": "pw-one!"})
    sidecar.wait_running(30)


def test_a_term_signal_ends_it_in_under_a_second(road):
    road.watch()
    runtime = road.runtime()
    runtime.script(delay_ms={"start": 20000})
    sidecar = road.sidecar(runtime)
    sidecar.wait_for(lambda s: s["phase"] == "starting", "in the middle of a start")
    began = time.monotonic()
    sidecar.program.signal(signal.SIGTERM)
    assert sidecar.program.wait() == 0
    assert time.monotonic() - began < 1


def test_without_the_override_no_file_is_read(road):
    road.watch()
    with open(road.app) as file:
        manifest = yaml.safe_load(file)
    manifest["spec"]["allowOverrideSecretsWithSecretStoreCSIDriver"] = False
    manifest["spec"]["runtime"]["customConfiguration"] = '{"DatabaseType":"HSQLDB"}'
    app = os.path.join(road.folder, "plain.yaml")
    with open(app, "w") as file:
        yaml.safe_dump(manifest, file)
    runtime = road.runtime()
    road.sidecar(runtime, app=app).wait_running()
    assert "DatabasePassword" not in runtime.stats()["settings_sha256"]


@pytest.mark.parametrize("url, words", [
    ("foo", "http:// or https:// is missing"),
    ("http://admin:pw-one!@127.0.0.1:9000/", "a user name"),
    ("http://127.0.0.1:99999/", "'99999' is not a number")])
def test_an_admin_url_that_is_none_is_wrong_usage(binaries, url, words):
    done = programs.run([binaries.sidecar, "--app", "a.yaml", "--admin-password-file", "pw",
                         "--admin-url", url])
    assert done.returncode == 2
    assert words in done.stderr and "--admin-url" in done.stderr and "pw-one!" not in done.stderr


def test_a_missing_app_is_named(binaries, folder):
    done = programs.run([binaries.sidecar, "--app", os.path.join(folder, "none.yaml"),
                         "--admin-password-file", os.path.join(folder, "none")])
    assert done.returncode == 1 and "none.yaml" in done.stderr


def test_unknown_pages_say_which_there_are(road):
    road.watch()
    runtime = road.runtime()
    sidecar = road.sidecar(runtime)
    assert http.request("GET", sidecar.url + "/")[0] == 404
    assert http.request("POST", sidecar.url + "/status", {})[0] == 405
