"""A machine for pods leaves nothing behind, whatever happens to who started it."""
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from conftest import TOP
from peers.cluster import machine
from peers.process import Program, wait_until

# A whole cluster with a pod that has a volume and an address.
INSIDE = """
import signal, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from conftest import pod
from peers.cluster.cluster import Cluster
from peers.cluster.programs import Programs
cluster = Cluster(Programs(sys.argv[3]))
cluster.kubectl.apply(pod("left", "default", volumes=[{"name": "v", "emptyDir": {"medium": "Memory"}}]))
cluster.wait_ready("left")
print("pod is ready", flush=True)
signal.pause()
"""


PARENTS = ("/", "/etc", "/opt", "/run", "/run/netns", "/usr/libexec", "/var", "/var/lib", "/var/log",
           "/var/run", "/dev/shm")


def traces():
    """What a node could leave on a machine that is not its own. The suite's own cluster may take things away
    at any time, but adds none while it runs no new pods."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return {*(f"link {name}" for name in os.listdir("/sys/class/net")),
            *(f"mount {line}" for line in mounts),
            *(f"{name} {(pathlib.Path('/proc/sys') / name).read_text()}" for name in machine.MASKED),
            *(f"{parent}/{name}" for parent in PARENTS if os.path.isdir(parent)
              for name in os.listdir(parent))}


def programs_of(group):
    """The processes that have a control group below this one."""
    found = set()
    for top in machine.hierarchies():
        for path in (top / group).rglob("cgroup.procs"):
            found.update(path.read_text().split())
    return found


def groups():
    return {path.name for top in machine.hierarchies() for path in top.glob("keyferry-cluster-*")}


@pytest.fixture
def whole_cluster(cluster_programs):
    """(who runs it, the machine's control group), with a pod that is ready."""
    runner = Program([str(TOP / "tools" / "cluster"), "run", sys.executable, "-B", "-c", INSIDE,
                      str(TOP / "tools"), str(TOP / "tests" / "cluster"),
                      str(cluster_programs.folder)])
    try:
        runner.wait_for_line("pod is ready", seconds=120)
        [group] = groups()
        yield runner, group
    finally:
        runner.stop()
        machine.sweep()


def processes():
    return {pid for pid in os.listdir("/proc") if pid.isdigit()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_cluster_whose_runner_ends(request, number):
    before, running = traces(), processes()
    runner, group = request.getfixturevalue("whole_cluster")
    started = processes() - running
    assert len(started) > 8, "containerd, etcd, API server, two controllers, kubelet, a pod, its holder"
    assert programs_of(group) <= started and programs_of(group)
    runner.signal(number)
    runner.wait()
    wait_until(lambda: not processes() & started, "the end of every process of the cluster")
    assert traces() - before == set()
    if number == signal.SIGTERM:
        assert groups() == set()
    machine.sweep()  # as the next machine does before it is made
    assert groups() == set()


def test_a_machine_that_runs_is_not_swept():
    with subprocess.Popen([str(TOP / "tools" / "cluster"), "run", "sleep", "60"]) as runner:
        try:
            [group] = wait_until(groups, "a control group")
            machine.sweep()
            assert groups() == {group}
        finally:
            runner.terminate()
    wait_until(lambda: not groups(), "its end")


def test_a_command_in_a_machine_gives_its_status_and_sees_no_network():
    done = subprocess.run([str(TOP / "tools" / "cluster"), "run", "sh", "-c",
                           "ip route; touch /var/lib/trace; exit 7"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 7 and done.stdout == "", done
    assert not os.path.exists("/var/lib/trace")
