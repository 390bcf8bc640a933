"""Our Kubernetes client, driven by tests/kube/kube_judge.cc: what it is told as a question, what came of it."""
import itertools
import json
import os
import queue
import signal
import subprocess
import threading

from peers.process import die_with_parent, wait_until


class Refused(Exception):
    """The client's error: .code, .message."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.message = error["code"], error["message"]


class Judge:
    def __init__(self, binaries, *arguments, environment=None, log=None):
        self._errors = open(log, "ab") if log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [binaries.judge("kube"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, preexec_fn=die_with_parent,
            env={**os.environ, **(environment or {})})
        self._answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put({"error": {"code": "ended", "message": "the judge has ended"}})

    def ask(self, do, seconds=60, **question):
        """The answer as it is; Refused where it is an error."""
        self._process.stdin.write(json.dumps({"do": do, **question}) + "\n")
        self._process.stdin.flush()
        return self.answer(seconds)

    def answer(self, seconds=60):
        answer = self._answers.get(timeout=seconds)
        if isinstance(answer, dict) and "error" in answer:
            raise Refused(answer["error"])
        return answer

    def get(self, kind, name, namespace="default"):
        return self.ask("get", kind=kind, namespace=namespace, name=name)["object"]

    def put(self, do, kind, an_object, **question):
        return self.ask(do, kind=kind, object=an_object, **question)["object"]

    def watch(self, kind, **question):
        name = f"watch-{next(_numbers)}"
        self.ask("watch", kind=kind, name=name, **question)
        return Watched(self, name)

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        self.go_on()
        self._process.stdin.close()
        status = self._process.wait(20)
        if self._errors != subprocess.DEVNULL:
            self._errors.close()
        return status


_numbers = itertools.count(1)


class Watched:
    """One of the judge's watches."""

    def __init__(self, judge, name):
        self._judge, self.name, self.changes = judge, name, []

    def look(self):
        look = self._judge.ask("look", name=self.name)
        self.changes += look["changes"]
        return look

    def wait_for(self, condition, what, seconds=30):
        def met():
            look = self.look()
            return look if condition(look) else None
        return wait_until(met, f"{what}; last: {self.look()}, changes: {self.changes}", seconds, 0.05)

    def wait_synced(self):
        return self.wait_for(lambda look: look["synced"], "synced")

    def wait_objects(self, *names, seconds=30):
        """Exactly these, "namespace/name"."""
        return self.wait_for(lambda look: set(look["objects"]) == set(names), f"objects {names}", seconds)

    def wait_change(self, change, seconds=30):
        return self.wait_for(lambda _: change in self.changes, change, seconds)

    def end(self):
        self._judge.ask("unwatch", name=self.name)
