"""Programs in the background: started, waited for, ended by pid."""
import contextlib
import ctypes
import os
import queue
import signal
import socket
import subprocess
import threading
import time


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what, seconds=20.0, pause=0.01):
    """The first true value of condition(); an error that says what never came."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(pause)


INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def interrupts_held():
    """What is inside is done to its end; an interrupt that came meanwhile is handled after it."""
    came = []
    before = {number: signal.signal(number, lambda got, _: came.append(got))
              for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def die_with_parent():
    """For preexec_fn: the process is killed when the thread that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Program:
    """One running program; its lines of output are kept and can be waited for.

    log: a path where they are written too.
    """

    def __init__(self, command, name=None, log=None, **popen):
        self.name = name or os.path.basename(command[0])
        self.lines = []
        self._log = open(log, "a") if log else contextlib.nullcontext()
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            preexec_fn=die_with_parent, start_new_session=True, **popen)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self._log as log:
            for line in self._process.stdout:
                if log:
                    log.write(line)
                    log.flush()
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def pid(self):
        return self._process.pid

    @property
    def output(self):
        return "\n".join(self.lines)

    def running(self):
        return self._process.poll() is None

    def wait_for_line(self, text, seconds=20.0, after=0):
        """The first line that holds the text, at or after that index."""
        deadline = time.monotonic() + seconds
        with self._news:
            seen = after
            while True:
                for line in self.lines[seen:]:
                    if text in line:
                        return line
                seen = len(self.lines)
                left = deadline - time.monotonic()
                ended = self._process.poll() is not None and not self._reader.is_alive()
                if ended or left <= 0:
                    why = f"ended with {self._process.returncode}" if ended else f"{seconds:g} s over"
                    raise TimeoutError(f"{self.name}: no line with {text!r} ({why}):\n{self.output}")
                self._news.wait(min(left, 0.1))

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds=20.0):
        """The exit status."""
        status = self._process.wait(seconds)
        self._reader.join(seconds)
        return status

    def kill(self):
        """SIGKILL at once; the exit status."""
        if self.running():
            self._process.kill()
        return self.wait()

    def stop(self, seconds=5.0):
        """SIGTERM, and SIGKILL where that is not enough; the exit status."""
        if self.running():
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        return self.kill()
