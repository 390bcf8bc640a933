"""OpenBao behind a network that delays, cuts and resets (toxiproxy): what is told, that the last good
set stays, and that it goes on by itself."""
import os
import time

import pytest
from conftest import SECRETS, manifests_for
from peers import programs
from peers.process import Program, wait_until
from peers.toxiproxy import Toxiproxy


@pytest.fixture(scope="module")
def network(seeded_bao):
    proxy = Toxiproxy(os.environ["KEYFERRY_TOXIPROXY"])
    proxy.address = proxy.forward(seeded_bao.url.removeprefix("http://"))
    yield proxy
    proxy.stop()


@pytest.fixture
def faulty(network, bao, folder):
    """The class's manifests, asking through the proxy."""
    bao.write("shop-database", SECRETS["shop-database"])
    network.heal()
    network.enable(True)
    yield manifests_for(bao, folder, lambda parameters: parameters.update(
        vaultAddress=f"http://{network.address}"))
    network.heal()
    network.enable(True)
    bao.write("shop-database", SECRETS["shop-database"])


def pull(binaries, bao, manifests, folder, *arguments):
    return programs.run([binaries.keyferry, "pull", "-f", manifests, "--out",
                         os.path.join(folder, "out"), "--token-file", f"vault={bao.token_file()}",
                         *arguments])


def password(folder):
    with open(os.path.join(folder, "out", "database-password")) as file:
        return file.read()


FAULTS = {
    "reset": (("reset_peer", {"timeout": 0}), "reset by peer"),
    "cut inside the headers": (("limit_data", {"bytes": 100}), "cut inside the answer's headers"),
    "cut inside the body": (("limit_data", {"bytes": 700}), ""),
    "silence": (("timeout", {"timeout": 0}), "no whole answer in time"),
    "closed without an answer": (("timeout", {"timeout": 50}), "Empty reply"),
    "slower than the patience": (("latency", {"latency": 20_000, "jitter": 0}),
                                 "no whole answer in time"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pull_through_a_fault_writes_nothing_and_says_where_to_look(
        binaries, bao, network, faulty, folder, fault):
    (kind, attributes), words = FAULTS[fault]
    network.poison(kind, **attributes)
    # A fault that ends by itself is met at every try, however slow the machine is.
    patience = "2s" if "in time" in words else "20s"
    refused = pull(binaries, bao, faulty, folder, "--timeout", patience)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert f"is the server at http://{network.address} up, and reachable from here?" in refused.stderr
    assert not os.path.exists(os.path.join(folder, "out", "..data"))


def test_a_connection_that_is_refused_says_where_to_look(binaries, bao, network, faulty, folder):
    network.enable(False)
    refused = pull(binaries, bao, faulty, folder, "--timeout", "2s")
    assert refused.returncode == 1
    assert "Couldn't connect to server" in refused.stderr and "vaultAddress" in refused.stderr


def test_a_slow_network_is_waited_for(binaries, bao, network, faulty, folder):
    network.poison("latency", latency=200, jitter=20)
    network.poison("slicer", average_size=64, size_variation=16, delay=1000)
    done = pull(binaries, bao, faulty, folder)
    assert done.returncode == 0, done.stderr
    assert password(folder) == SECRETS["shop-database"]["database-password"]


@pytest.mark.parametrize("fault", ["reset", "cut inside the body", "closed without an answer"])
def test_a_watch_keeps_the_last_good_set_and_goes_on_by_itself(
        binaries, bao, network, faulty, folder, fault):
    program = Program([binaries.keyferry, "pull", "-f", faulty, "--out",
                       os.path.join(folder, "out"), "--token-file", f"vault={bao.token_file()}",
                       "--watch", "100ms", "--timeout", "1s"])
    try:
        program.wait_for_line("set written")
        (kind, attributes), _ = FAULTS[fault]
        network.poison(kind, **attributes)
        bao.update("shop-database", **{"database-password": "pw-two!"})
        program.wait_for_line("pull failed")
        assert password(folder) == SECRETS["shop-database"]["database-password"]
        network.heal()
        wait_until(lambda: password(folder) == "pw-two!", "the new password")
    finally:
        program.stop()


def test_a_watch_ends_at_once_in_the_middle_of_silence(binaries, bao, network, faulty, folder):
    network.poison("timeout", timeout=0)
    program = Program([binaries.keyferry, "pull", "-f", faulty, "--out",
                       os.path.join(folder, "out"), "--token-file", f"vault={bao.token_file()}",
                       "--watch", "100ms"])
    try:
        time.sleep(0.5)  # long enough to be waiting for an answer
        began = time.monotonic()
        program.signal(15)
        program.wait(5)
        assert time.monotonic() - began < 2
    finally:
        program.stop()
