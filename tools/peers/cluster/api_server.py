"""etcd and a real Kubernetes API server, without anything that runs pods: ready in about 3 s.

Objects of every kind, RBAC, watches, tokens and TokenReview are the real ones. Nobody acts on them: no
default service accounts, no garbage collection, no pods that start, and the ClusterRoles that are put
together from others (view, edit, admin) are empty.
"""
import base64
import dataclasses
import pathlib

from .. import http
from ..process import Program, free_port, wait_until
from .kubectl import Kubectl
from .pki import Authority

ISSUER = "https://kubernetes.default.svc"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an API server listens and what is special there."""
    address: str
    port: int
    names: tuple = ()  # more subject alternative names
    flags: tuple = ()

    @property
    def url(self):
        return f"https://{self.address}:{self.port}"


def on_loopback():
    """Any number of them on one machine; a pod is an object like others, whose account is not asked for."""
    return Place("127.0.0.1", free_port(), (), (
        "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.111.0.0/16",
        "--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount"))


class ApiServer:
    """Everything it keeps is in the folder, which the caller makes and removes (in memory: faster)."""

    def __init__(self, programs, folder, place=None, clients=None):
        """clients: more certificates that the place's flags want, {name: subject}."""
        self._programs, self._folder = programs, pathlib.Path(folder)
        self.place = place or on_loopback()
        self.url = self.place.url
        self._make_keys()
        for name, subject in (clients or {}).items():
            self.pki.client(name, subject)
        self.kubectl = self.client("admin", "/O=system:masters/CN=admin")
        self._start_etcd()
        self._server = None
        self.serve()

    def _make_keys(self):
        self.pki = Authority(self._folder / "pki")
        self.ca_file = self.pki.ca_file
        self.pki.server("apiserver", "/CN=kube-apiserver",
                        [f"IP:{self.place.address}", "IP:127.0.0.1", "DNS:localhost",
                         *self.place.names])
        self.signing_key, self.signing_public = self.pki.signing_pair("sa")

    def client(self, name, subject):
        """kubectl as this user; subject: /O=GROUP/CN=USER. Its kubeconfig is in .kubeconfig."""
        self.pki.client(name, subject)
        return Kubectl(self._programs, self.pki.kubeconfig(name, self.url), self._folder)

    def bearer(self, token):
        """Options that make kubectl somebody who has nothing but this token."""
        return ["--kubeconfig=/dev/null", f"--server={self.url}",
                f"--certificate-authority={self.ca_file}", f"--token={token}"]

    def log(self, name):
        return self._folder / f"{name}.log"

    def _start_etcd(self):
        self._etcd_url, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.etcd = Program(
            [self._programs["etcd"], "--name=e", f"--data-dir={self._folder}/etcd",
             "--unsafe-no-fsync", "--log-level=warn", f"--listen-client-urls={self._etcd_url}",
             f"--advertise-client-urls={self._etcd_url}", f"--listen-peer-urls={peer}",
             f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=e={peer}"],
            log=self.log("etcd"))

    def _command(self):
        place, pki = self.place, self.pki
        return [
            self._programs["kube-apiserver"], f"--etcd-servers={self._etcd_url}",
            f"--bind-address={place.address}", f"--secure-port={place.port}",
            f"--advertise-address={place.address}", f"--cert-dir={self._folder}/unused",
            f"--tls-cert-file={pki.certificate('apiserver')}",
            f"--tls-private-key-file={pki.key('apiserver')}", f"--client-ca-file={pki.ca_file}",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-jwks-uri={place.url}/openid/v1/jwks",
            f"--service-account-signing-key-file={self.signing_key}",
            f"--service-account-key-file={self.signing_public}", *place.flags]

    def serve(self):
        """Starts the server, anew after stop_serving(): same address, same objects."""
        self._server = Program(self._command(), log=self.log("kube-apiserver"))
        wait_until(self._is_ready, "kube-apiserver: ready", seconds=90, pause=0.1)

    def _is_ready(self):
        for program in (self.etcd, self._server):
            if not program.running():
                raise RuntimeError(f"{program.name} ended:\n{program.output[-4000:]}")
        return self.kubectl.run("get", "--raw", "/readyz").returncode == 0

    def stop_serving(self):
        """Every connection is cut; what was written stays."""
        self._server.kill()

    def compact(self):
        """etcd forgets every revision but the last: an older resourceVersion is answered by 410."""
        key = base64.b64encode(b"/").decode()
        header = http.must("POST", f"{self._etcd_url}/v3/kv/range",
                           {"key": key, "count_only": True})["header"]
        http.must("POST", f"{self._etcd_url}/v3/kv/compaction",
                  {"revision": header["revision"], "physical": True})

    def stop(self):
        self._server.kill()
        self.etcd.kill()
