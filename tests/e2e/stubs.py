"""Python code of our protocols, made by grpcio-tools from proto/ for the time of a test run."""
import importlib
import os
import pathlib
import sys

from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parent.parent.parent / "proto"


def make(folder):
    """Writes them to the folder and makes them importable."""
    path = os.path.join(folder, "stubs")
    os.makedirs(path, exist_ok=True)
    files = [str(file) for file in sorted(PROTO.glob("*.proto"))]
    status = protoc.main(["protoc", f"-I{PROTO}", f"--python_out={path}",
                          f"--grpc_python_out={path}", *files])
    if status != 0:
        raise RuntimeError(f"protoc: {status}")
    sys.path.insert(0, path)
    importlib.invalidate_caches()


class Stubs:
    """The messages and services of one protocol."""

    def __init__(self, name):
        self.messages = importlib.import_module(f"{name}_pb2")
        self.services = importlib.import_module(f"{name}_pb2_grpc")

    def __getattr__(self, name):
        return getattr(self.messages, name)
