"""./run demo, interrupted."""
import glob
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import TOP
from peers.process import wait_until


def segments():
    """PostgreSQL's shared memory that no running process of its owner holds."""
    mine = {entry.path for entry in os.scandir("/dev/shm") if entry.name.startswith("PostgreSQL.")
            and os.getuid() in (0, entry.stat().st_uid)}
    for path in glob.glob("/proc/[0-9]*/maps"):
        try:
            with open(path) as file:
                held = file.read()
        except OSError:  # another user's, or gone
            continue
        mine = {segment for segment in mine if segment not in held}
    return mine


def shared_memory():
    return set(glob.glob("/dev/shm/PostgreSQL.*"))


@pytest.mark.parametrize("store", ["aws", "azure"])
def test_the_main_job_with_other_stores(binaries, store):
    done = subprocess.run([sys.executable, "-B", TOP / "demo" / "demo.py", "--binaries",
                           binaries.folder, "--store", store], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All steps ended as stated" in done.stdout


# Ctrl-C reaches every process of the terminal's foreground group. While the demo began, that ended
# initdb in the middle: its server's shared memory stayed, though all was said to be removed.
@pytest.mark.parametrize("seconds", [0, 0.01, 0.02, 0.04, 0.3, 0.8])
def test_an_interrupted_demo_leaves_nothing(binaries, seconds):
    folders, before, begin = set(glob.glob("/dev/shm/keyferry-demo-*")), segments(), shared_memory()
    demo = subprocess.Popen(
        [sys.executable, "-B", TOP / "demo" / "demo.py", "--binaries", binaries.folder],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: shared_memory() - begin, "initdb's server", pause=0.001)
    time.sleep(seconds)
    os.killpg(demo.pid, signal.SIGINT)
    _, said = demo.communicate(timeout=60)
    assert demo.returncode == 130 and "interrupted" in said
    assert segments() - before == set()
    assert set(glob.glob("/dev/shm/keyferry-demo-*")) - folders == set()
