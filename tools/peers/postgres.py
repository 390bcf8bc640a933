"""A PostgreSQL cluster of our own from Debian's package: passwords by SCRAM, TLS, loopback only."""
import glob
import os
import pwd
import secrets
import shutil
import subprocess

from .process import free_port, interrupts_held


class Postgres:
    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
        if not found:
            raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
        self._bin = found[-1]
        self._folder, self.port = folder, free_port()
        self.password = secrets.token_hex(12)
        self._data, self._sockets = (os.path.join(folder, name) for name in ("data", "sockets"))
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o711)
        self._user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        with interrupts_held():
            self._make()
            self._run("pg_ctl", "-D", self._data, "-l", os.path.join(self._data, "server.log"),
                      "-w", "-t", "30", "start")

    def _as_server(self):
        """PostgreSQL refuses to run as root; then it runs as Debian's own user."""
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, program, *arguments):
        # In a session of its own: Ctrl-C is for us alone. An initdb that it reached left the shared
        # memory of its server in /dev/shm.
        done = subprocess.run([os.path.join(self._bin, program), *arguments], cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, start_new_session=True,
                              **self._as_server())
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{self._log()}")

    def _log(self):
        path = os.path.join(self._data, "server.log")
        return open(path).read() if os.path.exists(path) else ""

    def _make(self):
        for path in (self._data, self._sockets):
            os.makedirs(path, mode=0o700)
        password_file = os.path.join(self._folder, "admin-password")
        with open(password_file, "w") as file:
            file.write(self.password)
        for path in (self._data, self._sockets, password_file):
            if self._user is not None:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-D", self._data, "-U", "admin", f"--pwfile={password_file}",
                  "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        os.unlink(password_file)
        with open(os.path.join(self._data, "postgresql.conf"), "a") as file:
            file.write(f"listen_addresses='127.0.0.1'\nport={self.port}\n"
                       f"unix_socket_directories='{self._sockets}'\nfsync=off\n"
                       "password_encryption=scram-sha-256\nmax_connections=60\n")

    def sql(self, statement, database="postgres"):
        """Rows as psql prints them: one line per row, columns divided by '|'."""
        environment = {**os.environ, "PGPASSWORD": self.password}
        done = subprocess.run(
            [os.path.join(self._bin, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", "admin", "-d", database, "-c", statement],
            capture_output=True, text=True, env=environment, start_new_session=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def make_user(self, name, password):
        self.sql(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")

    def set_password(self, name, password):
        self.sql(f"ALTER ROLE \"{name}\" PASSWORD '{password}'")

    def make_database(self, name, owner):
        self.sql(f'CREATE DATABASE "{name}" OWNER "{owner}"')

    def stop(self):
        with interrupts_held():
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)
