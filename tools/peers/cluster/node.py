"""What makes a machine a node: containerd with CNI, the kubelet, and who gives it pods."""
import json
import subprocess

from ..process import Program, wait_until

NAME = "node1"
ADDRESS = "10.97.0.1"
PODS = "10.244.0.0/24"
PAUSE = "localhost/busybox:1"

CONTAINERD = """version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
[grpc]
  address = "{folder}/containerd/sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # Root without CAP_SYS_RESOURCE may not make itself harder to kill; runc then ends with "EOF".
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
"""


def _write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=1)


class Containerd:
    """containerd with runc, and a bridge that pods are plugged into."""

    def __init__(self, folder):
        self._folder = folder
        for name in ("containerd", "cni"):
            (folder / name).mkdir()
        # containerd looks for the network once, when it starts: a node without stays NotReady.
        _write_json(folder / "cni" / "10-pods.conflist", self._network())
        config = folder / "containerd.toml"
        config.write_text(CONTAINERD.format(folder=folder, pause=PAUSE))
        self.socket = folder / "containerd" / "sock"
        self.program = Program(["containerd", "--config", str(config)], log=folder / "containerd.log")

    def _network(self):
        ranges = {"type": "host-local", "dataDir": f"{self._folder}/addresses",
                  "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]}
        return {"cniVersion": "0.4.0", "name": "pods", "plugins": [
            {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True,
             "ipam": ranges}]}

    def ctr(self, *arguments):
        """The finished process; the kubelet's containers and images are in its namespace."""
        return subprocess.run(["ctr", "--address", str(self.socket), "--namespace", "k8s.io",
                               *arguments], check=False, capture_output=True, text=True, timeout=60)

    def wait_ready(self):
        def ready():
            if not self.program.running():
                raise RuntimeError(f"containerd ended:\n{self.program.output[-4000:]}")
            return self.ctr("version").returncode == 0
        wait_until(ready, "containerd: ready", pause=0.1)

    def load(self, image_file):
        """An image in the layout of docker save."""
        done = self.ctr("images", "import", str(image_file))
        if done.returncode != 0:
            raise RuntimeError(f"{image_file}: {done.stderr}{done.stdout}")


def start_controllers(programs, server, folder):
    """The controller manager and the scheduler; they wait for the API server by themselves."""
    def kubeconfig(name):
        return server.client(name, f"/CN=system:{name}").kubeconfig
    manager = Program(
        [programs["kube-controller-manager"], f"--kubeconfig={kubeconfig('kube-controller-manager')}",
         "--leader-elect=false", "--secure-port=0", "--use-service-account-credentials=true",
         # Its own rate limit makes the default service account wait 5 s.
         "--kube-api-qps=1000", "--kube-api-burst=1000",
         f"--service-account-private-key-file={server.signing_key}",
         f"--root-ca-file={server.ca_file}", f"--cert-dir={folder}/unused"],
        log=server.log("kube-controller-manager"))
    scheduler = Program(
        [programs["kube-scheduler"], f"--kubeconfig={kubeconfig('kube-scheduler')}",
         "--leader-elect=false", "--secure-port=0"], log=server.log("kube-scheduler"))
    return [manager, scheduler]


def start_kubelet(programs, server, containerd, folder, root, group):
    """root: where pods have their volumes; group: the control group that all pods are in."""
    kubeconfig = server.client("kubelet", f"/O=system:nodes/CN=system:node:{NAME}").kubeconfig
    server.pki.server("kubelet-server", f"/O=system:nodes/CN=system:node:{NAME}",
                      [f"IP:{ADDRESS}", f"DNS:{NAME}"])
    names = folder / "resolv.conf"
    names.write_text("nameserver 127.0.0.1\n")
    config = folder / "kubelet.json"
    _write_json(config, _kubelet_config(server.pki, containerd.socket, names, folder, group))
    return Program(
        [programs["kubelet"], f"--config={config}", f"--kubeconfig={kubeconfig}",
         f"--root-dir={root}", f"--hostname-override={NAME}", f"--node-ip={ADDRESS}",
         f"--cert-dir={folder}/unused"], log=server.log("kubelet"))


def _kubelet_config(pki, socket, names, folder, group):
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix://{socket}", "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{group}", "failSwapOn": False, "oomScoreAdj": 0,
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True},
                           "x509": {"clientCAFile": pki.ca_file}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": pki.certificate("kubelet-server"),
        "tlsPrivateKeyFile": pki.key("kubelet-server"),
        "address": ADDRESS, "readOnlyPort": 0, "healthzPort": 0, "resolvConf": str(names),
        "volumePluginDir": f"{folder}/plugins", "podLogsDir": "/var/log/pods",
        "makeIPTablesUtilChains": False, "enforceNodeAllocatable": [],
        "syncFrequency": "5s",  # also how often a CSI volume is published again
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "0%",
                         "nodefs.inodesFree": "0%", "imagefs.available": "0%",
                         "imagefs.inodesFree": "0%"}}


def add_addresses(*addresses):
    for address in addresses:
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
