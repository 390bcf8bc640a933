"""Keys and certificates of a cluster, made with openssl: one authority, P-256, for a few days."""
import base64
import json
import os
import pathlib
import subprocess

DAYS = "7"


def _openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


class Authority:
    """A certificate authority in a folder of its own, readable by its owner alone."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(mode=0o700)
        self.ca_file = self.certificate("ca")
        self._new_key("ca")
        _openssl("req", "-x509", "-new", "-key", self.key("ca"), "-subj", "/CN=test-ca", "-days", DAYS,
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.ca_file)

    def key(self, name):
        return str(self._folder / f"{name}.key")

    def certificate(self, name):
        return str(self._folder / f"{name}.crt")

    @property
    def ca(self):
        return pathlib.Path(self.ca_file).read_text()

    def _new_key(self, name):
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key(name))
        os.chmod(self.key(name), 0o600)

    def server(self, name, subject, alternatives):
        """alternatives: "IP:127.0.0.1", "DNS:localhost" …"""
        self._leaf(name, subject, f"extendedKeyUsage=serverAuth\nsubjectAltName={','.join(alternatives)}")

    def client(self, name, subject):
        """subject: /O=GROUP/CN=USER, as whom an API server knows it."""
        self._leaf(name, subject, "extendedKeyUsage=clientAuth")

    def _leaf(self, name, subject, extensions):
        self._new_key(name)
        request, extension_file = (str(self._folder / f"{name}.{end}") for end in ("csr", "ext"))
        pathlib.Path(extension_file).write_text(f"keyUsage=critical,digitalSignature\n{extensions}\n")
        _openssl("req", "-new", "-key", self.key(name), "-subj", subject, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self.key("ca"),
                 "-CAcreateserial", "-days", DAYS, "-extfile", extension_file, "-out",
                 self.certificate(name))
        os.unlink(request)
        os.unlink(extension_file)

    def signing_pair(self, name):
        """An RSA key for the tokens of service accounts, and its public half (NAME.pub): two paths."""
        public = str(self._folder / f"{name}.pub")
        _openssl("genrsa", "-out", self.key(name), "2048")
        _openssl("rsa", "-in", self.key(name), "-pubout", "-out", public)
        return self.key(name), public

    def kubeconfig(self, name, server):
        """A file that lets the client of that name ask this server."""
        def inline(path):
            return base64.b64encode(pathlib.Path(path).read_bytes()).decode()
        path = str(self._folder / f"{name}.kubeconfig")
        user = {"client-certificate-data": inline(self.certificate(name)),
                "client-key-data": inline(self.key(name))}
        with open(path, "w", opener=_private) as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "test",
                       "clusters": [{"name": "test", "cluster": {
                           "server": server, "certificate-authority-data": inline(self.ca_file)}}],
                       "users": [{"name": name, "user": user}],
                       "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}]},
                      file, indent=1)
        return path


def _private(path, flags):
    return os.open(path, flags, 0o600)
