"""Container images by hand: one layer, in the layout of docker save, which containerd imports."""
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import subprocess
import tarfile

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
SLEEP = ["/bin/sh", "-c", "trap exit TERM INT; while :; do sleep 3600 & wait; done"]


class Image:
    """What is in it is told first, then it is written; the same content gives the same image.

    Use a tag other than latest: the kubelet would try to pull it.
    """

    def __init__(self, name, command=None):
        self.name, self.command = name, command or SLEEP
        self._entries = {}  # path without the first slash -> (TarInfo, path of its content or bytes)

    def _add(self, path, content=None, **fields):
        entry = tarfile.TarInfo(path.strip("/"))
        for field, value in fields.items():
            setattr(entry, field, value)
        self._entries[entry.name] = (entry, content)

    def folder(self, path, mode=0o755):
        self._add(path, type=tarfile.DIRTYPE, mode=mode)

    def link(self, path, target):
        self._add(path, type=tarfile.SYMTYPE, linkname=target, mode=0o777)

    def text(self, path, text, mode=0o644):
        self._add(path, text.encode(), size=len(text.encode()), mode=mode)

    def file(self, path, source, mode=0o755):
        self._add(path, os.path.realpath(source), size=os.path.getsize(source), mode=mode)

    def program(self, path, source):
        """A program with every shared library that it is linked to."""
        self.file(path, source)
        for library in shared_libraries(source):
            self.file(library, library)

    def tree(self, top, path="/"):
        """A folder of this machine with all that is in it."""
        for source in sorted(pathlib.Path(top).rglob("*")):
            target = os.path.join(path, source.relative_to(top))
            if source.is_symlink():
                self.link(target, os.readlink(source))
            elif source.is_dir():
                self.folder(target)
            else:
                self.file(target, source, source.stat().st_mode & 0o777)

    def write(self, path):
        """The file to import; next to it its layer is built and removed again."""
        layer = f"{path}.layer"
        with tarfile.open(layer, "w") as tar:
            for entry, content in (self._entries[name] for name in self._parents_first()):
                if isinstance(content, str):
                    with open(content, "rb") as file:
                        tar.addfile(entry, file)
                else:
                    tar.addfile(entry, io.BytesIO(content) if content is not None else None)
        with tarfile.open(path, "w") as tar:
            config = json.dumps(self._config(_digest(layer)))
            manifest = [{"Config": "config.json", "RepoTags": [self.name], "Layers": ["layer.tar"]}]
            _add_text(tar, "manifest.json", json.dumps(manifest))
            _add_text(tar, "config.json", config)
            tar.add(layer, "layer.tar")
        os.unlink(layer)
        return path

    def _parents_first(self):
        for name in list(self._entries):
            for parent in pathlib.PurePath(name).parents:
                if str(parent) != "." and str(parent) not in self._entries:
                    self.folder(str(parent))
        return sorted(self._entries)

    def _config(self, layer_digest):
        return {"architecture": _ARCHITECTURES[platform.machine()], "os": "linux",
                "created": "1970-01-01T00:00:00Z",
                "config": {"Env": ["PATH=/bin"], "Cmd": self.command},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]}}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(tar, name, text):
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    tar.addfile(entry, io.BytesIO(text.encode()))


def shared_libraries(program):
    """Absolute paths, the loader's too; none for a static program."""
    done = subprocess.run(["ldd", program], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        if "not a dynamic executable" in done.stdout + done.stderr:
            return []
        raise RuntimeError(f"ldd {program}: {done.stderr}")
    missing = re.findall(r"(\S+) => not found", done.stdout)
    if missing:
        raise RuntimeError(f"{program} needs {', '.join(missing)}: apt-get install it")
    return sorted(set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", done.stdout, re.MULTILINE)))


def busybox(name="localhost/busybox:1", command=None):
    """A shell and its friends; it serves as the pause image too."""
    image = Image(name, command)
    image.file("/bin/busybox", "/bin/busybox")
    listed = subprocess.run(["/bin/busybox", "--list"], check=True, capture_output=True, text=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            image.link(f"/bin/{applet}", "busybox")
    image.text("/etc/passwd", "root:x:0:0:root:/:/bin/sh\n")
    for folder, mode in (("/tmp", 0o1777), ("/proc", 0o755), ("/sys", 0o755), ("/dev", 0o755)):
        image.folder(folder, mode)
    return image


def of_programs(name, programs):
    """Programs of ours, {name: path}, in /bin beside busybox, with their shared libraries."""
    image = busybox(f"localhost/{name}:1")
    for program, path in programs.items():
        image.program(f"/bin/{program}", path)
    return image
