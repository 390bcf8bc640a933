"""kubectl and helm as one user of one cluster."""
import json
import os
import subprocess

SECONDS = 60


class Kubectl:
    def __init__(self, programs, kubeconfig, home):
        """home: a folder for what kubectl and helm cache."""
        self._programs, self.kubeconfig = programs, kubeconfig
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": kubeconfig}

    def run(self, *arguments, program="kubectl", text=None):
        """The finished process, whatever came of it; text goes to its standard input."""
        return subprocess.run([self._programs[program], *arguments], input=text, check=False,
                              capture_output=True, text=True, timeout=SECONDS, env=self._environment)

    def __call__(self, *arguments, **options):
        """Its output; an error with what it said when it fails."""
        done = self.run(*arguments, **options)
        if done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def helm(self, *arguments):
        return self(*arguments, program="helm")

    def json(self, *arguments):
        return json.loads(self(*arguments, "-o", "json"))

    def apply(self, *objects):
        """Objects as dicts, in this order."""
        self("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def create(self, an_object):
        """What the server made of it; also for objects that are questions, like a TokenReview."""
        return json.loads(self("create", "-o", "json", "-f", "-", text=json.dumps(an_object)))

    def token(self, account, audience, namespace="default", seconds=3600):
        """A token of a service account."""
        return self("create", "token", account, "--namespace", namespace, "--audience", audience,
                    "--duration", f"{seconds}s").strip()
