"""A whole cluster of one node, in a machine of its own (machine.py): node Ready in a few seconds."""
import os
import pathlib
import signal
import sys

from ..process import wait_until
from . import images, machine, node
from .api_server import ApiServer, Place
from .programs import Programs

# The first address of the services' range is that of Service "kubernetes": the API server listens just
# there, so that pods reach it without a kube-proxy.
API_ADDRESS = "10.96.0.1"
KUBERNETES = "kubernetes.default.svc"
UP = "the cluster is up"


def _in_the_cluster(pki):
    names = [f"IP:{node.ADDRESS}", "DNS:kubernetes", "DNS:kubernetes.default", f"DNS:{KUBERNETES}",
             f"DNS:{KUBERNETES}.cluster.local"]
    return Place(API_ADDRESS, 443, tuple(names), (
        "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
        # Webhooks behind a Service are called at its endpoints: no kube-proxy for them either.
        "--enable-aggregator-routing=true",
        f"--kubelet-client-certificate={pki}/to-kubelet.crt",
        f"--kubelet-client-key={pki}/to-kubelet.key", f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP"))


class Cluster:
    """kubectl is that of an administrator; node.ADDRESS is how pods reach servers of the tests."""

    def __init__(self, programs, folder=machine.STATE):
        group = machine.own_group()
        if not group:
            raise RuntimeError("a cluster needs a machine of its own: tools/cluster run COMMAND")
        self.folder = pathlib.Path(folder)
        node.add_addresses(API_ADDRESS, node.ADDRESS)
        self.containerd = node.Containerd(self.folder)
        self._parts = [self.containerd.program]
        self.server = ApiServer(programs, self.folder, _in_the_cluster(self.folder / "pki"),
                                clients={"to-kubelet": "/O=system:masters/CN=apiserver-to-kubelet"})
        self.kubectl = self.server.kubectl
        self._parts += node.start_controllers(programs, self.server, self.folder)
        self.containerd.wait_ready()
        self.load(images.busybox(node.PAUSE))
        self._parts.append(node.start_kubelet(programs, self.server, self.containerd, self.folder,
                                              machine.KUBELET_ROOT, group))
        self.wait("default service account", "get", "serviceaccount", "default")
        self.wait("node Ready", "wait", "--for=condition=Ready", f"node/{node.NAME}", "--timeout=1s")

    def wait(self, what, *arguments, seconds=90):
        def reached():
            for program in self._parts:
                if not program.running():
                    raise RuntimeError(f"{program.name} ended:\n{program.output[-4000:]}")
            return self.kubectl.run(*arguments).returncode == 0
        try:
            wait_until(reached, what, seconds, pause=0.1)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.diagnosis()}") from None

    def load(self, image):
        """An images.Image, for pods on the node."""
        path = self.folder / "image.tar"
        self.containerd.load(image.write(path))
        path.unlink()

    def wait_ready(self, pod, namespace="default", seconds=60):
        self.wait(f"pod {namespace}/{pod} Ready", "wait", "--namespace", namespace,
                   "--for=condition=Ready", f"pod/{pod}", "--timeout=1s", seconds=seconds)

    def run_in(self, pod, *command, namespace="default"):
        """What a command in a pod prints."""
        return self.kubectl("exec", "--namespace", namespace, pod, "--", *command)

    def diagnosis(self, lines=15, width=240):
        """What to look at when something never happened."""
        parts = [self.kubectl.run("get", "nodes,pods", "-A", "-o", "wide").stdout,
                 self.kubectl.run("get", "events", "-A").stdout]
        for program in self._parts:
            parts += [f"-- {program.name}:", *(line[:width] for line in program.lines[-lines:])]
        return "\n".join(parts)

    def stop(self):
        """Its programs alone: pods end with the machine."""
        for program in reversed(self._parts):
            program.kill()
        self.server.stop()


if __name__ == "__main__":  # the command of a machine that stays (tools/cluster up)
    Cluster(Programs(sys.argv[1]))
    print(UP, flush=True)
    for stream in (1, 2):  # nobody listens from now on
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    signal.pause()
