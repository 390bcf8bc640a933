"""What every suite of pytest needs; a conftest.py imports what it wants."""
import os
import pathlib
import shutil
import tempfile

import pytest

from . import programs

TOP = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def binaries():
    return programs.Binaries(str(TOP / os.environ["KEYFERRY_BINARIES"]))


@pytest.fixture
def folder():
    """In memory, gone afterwards."""
    path = tempfile.mkdtemp(prefix="keyferry-test-", dir="/dev/shm")
    os.chmod(path, 0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def session_folder():
    path = tempfile.mkdtemp(prefix="keyferry-test-session-", dir="/dev/shm")
    os.chmod(path, 0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def bao_program():
    return str(TOP / os.environ["KEYFERRY_BAO"])
