"""A machine within the machine: what is done inside cannot be seen outside and leaves nothing there.

A kubelet wants root, mounts, routes, sysctls and fixed paths. So all of it runs in namespaces of its own:

    network   its addresses and bridges exist only inside; nothing outside can be reached or is listened on
    mounts    /run and /dev/shm are empty, /var a copy-on-write view of the real one, all in memory;
              /var/lib/kubelet is a shared mount, as containers that mount for others need it
    pids      when its first process ends, however that ends, the kernel ends all others
    sysctls   the kubelet reads what it would set (MASKED), so that it sets nothing

What outlives the namespaces are control groups alone. They are made under one name, which tells the process
that they were made for; `sweep` removes those whose process is gone.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from ..process import die_with_parent, wait_until

TOOLS = pathlib.Path(__file__).resolve().parents[2]
CONTROL_GROUPS = pathlib.Path("/sys/fs/cgroup")
GROUP_PREFIX = "keyferry-cluster"
STATE = pathlib.Path("/run/keyferry-cluster")  # inside
KUBELET_ROOT = pathlib.Path("/var/lib/kubelet")
# What the kubelet writes when it reads something else (kubelet: protectKernelDefaults).
MASKED = {"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10",
          "kernel/panic_on_oops": "1", "kernel/keys/root_maxkeys": "1000000",
          "kernel/keys/root_maxbytes": "25000000"}


def run(command):
    """Runs a command in a machine of its own, which ends with it; its exit status."""
    _leave_interrupts_to_the_command()
    holder = start(command)
    group = group_of(holder.pid)
    try:
        return holder.wait()
    finally:
        holder.kill()
        holder.wait()
        remove_groups(group)


def _leave_interrupts_to_the_command():
    """Ctrl-C reaches everybody on the terminal; the command alone decides what to do then."""
    signal.signal(signal.SIGINT, lambda *_: None)


def start(command, stays=False, **popen):
    """The process that holds a new machine: when it ends, the machine does. One that does not stay ends with
    the thread that started it."""
    if os.geteuid() != 0:
        raise RuntimeError("a machine for pods needs root")
    sweep()
    return subprocess.Popen([sys.executable, "-B", "-m", __name__, "hold", *command],
                            env={**os.environ, "PYTHONPATH": str(TOOLS)},
                            preexec_fn=None if stays else die_with_parent, **popen)


def _hold(command):
    """Becomes the holder, which the control groups are named after."""
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                          "--mount-proc", sys.executable, "-B", "-m", "peers.cluster.machine",
                          "first", group_of(os.getpid()), *command])


def first_process(holder):
    """The pid, as seen from outside, of a machine's first process."""
    def found():
        children = pathlib.Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
        return int(children[0]) if children else None
    return wait_until(found, "the machine's first process")


def inside(pid, command):
    """A command line that runs a command in the machine of that first process."""
    return ["nsenter", f"--target={pid}", "--net", "--mount", "--pid", *command]


# Control groups


def group_of(pid):
    """A process is told from a later one of the same number by when it began."""
    return f"{GROUP_PREFIX}-{pid}-{began(pid)}"


def began(pid):
    """In ticks since the machine started; None when there is no such process."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rsplit(")", 1)[1].split()[19]


def own_group():
    """That of the machine which this process is in, "" outside: a machine in a machine knows no pids but its
    own, so the control groups it makes and sweeps are below that."""
    return os.environ.get("KEYFERRY_CLUSTER_GROUP", "")


def hierarchies():
    """The one hierarchy of version 2, or all of version 1."""
    if (CONTROL_GROUPS / "cgroup.controllers").exists():
        return [CONTROL_GROUPS / own_group()]
    return sorted(path.parent / own_group() for path in CONTROL_GROUPS.glob("*/cgroup.procs"))


def make_groups(group):
    for hierarchy in hierarchies():
        (hierarchy / group).mkdir(exist_ok=True)
        controllers = hierarchy / "cgroup.controllers"
        wanted = controllers.read_text().split() if controllers.exists() else []
        for name in wanted:
            (hierarchy / "cgroup.subtree_control").write_text(f"+{name}")


def remove_groups(group):
    """Those of processes that have just ended are busy for a moment."""
    deadline = time.monotonic() + 10
    while True:
        left = [path for hierarchy in hierarchies()
                for path in [hierarchy / group] if path.exists() and not _removed(path)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def _removed(top):
    for folder, _, _ in os.walk(top, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True


def sweep():
    """Removes what machines left behind whose process was killed."""
    for group in {path.name for top in hierarchies() for path in top.glob(f"{GROUP_PREFIX}-*")}:
        found = re.fullmatch(rf"{GROUP_PREFIX}-(\d+)-(\d+)", group)
        if found and began(found[1]) != found[2]:
            remove_groups(group)


# Inside


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def _set_up(group):
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm")
    STATE.mkdir()
    for folder in ("/run/lock", "/run/netns", STATE / "var", STATE / "var/new", STATE / "var/work"):
        os.mkdir(folder)
    _mount("-t", "overlay", "-o", f"lowerdir=/var,upperdir={STATE}/var/new,workdir={STATE}/var/work",
           "overlay", "/var")
    KUBELET_ROOT.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(KUBELET_ROOT))
    _mount("--make-rshared", str(KUBELET_ROOT))
    _mask_sysctls()
    make_groups(group)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _mask_sysctls():
    for name, value in MASKED.items():
        path = pathlib.Path("/proc/sys") / name
        if path.exists():
            mask = STATE / name.replace("/", ".")
            mask.write_text(value + "\n")
            _mount("--bind", str(mask), str(path))


def _first_process(group, command):
    """Runs the command and takes in whatever is orphaned; its exit status."""
    _leave_interrupts_to_the_command()
    _set_up(group)
    whole = os.path.join(own_group(), group)
    child = subprocess.Popen(command, env={**os.environ, "KEYFERRY_CLUSTER_GROUP": whole})
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        _hold(sys.argv[2:])
    sys.exit(_first_process(sys.argv[2], sys.argv[3:]))
