"""Databases to measure on: files of SQLite, and servers of PostgreSQL and MariaDB.

A server is started in the folder of the run, where its binaries are, so that its processes are
known and their CPU time counts. One that somebody names by a URL is used as it is; nothing of its
processes is known then, and figures are those of the application alone.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}
KINDS = tuple(NAMES)


class Databases(ABC):
    """Where databases are made by name."""

    kind: ClassVar[str]
    processes: Sequence[int] = ()
    """The process that all others of the server are below; none where they are not known."""
    counts = True
    """Whether the CPU time of the database is counted."""

    @abstractmethod
    def url(self, name: str) -> str:
        """Return the URL of a database."""

    @abstractmethod
    def make(self, name: str) -> None:
        """Make an empty database; one of that name is gone before."""


class Files(Databases):
    """SQLite: what the database does is done by the worker."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str) -> str:
        """Return the URL of a file."""
        return f"sqlite:///{self.folder / name}.sqlite3"

    def make(self, name: str) -> None:
        """Remove the file, and what SQLite keeps beside it."""
        for end in ("", "-wal", "-shm"):
            (self.folder / f"{name}.sqlite3{end}").unlink(missing_ok=True)


class Server(Databases):
    """A server that is named by the URL of one of its databases."""

    def __init__(self, server: str, processes: Sequence[int] = ()) -> None:
        self.server = server
        self.processes = processes
        self.counts = bool(processes)

    def url(self, name: str) -> str:
        """Return the URL of a database beside that one."""
        return f"{self.server.rpartition('/')[0]}/{name}"


class PostgreSQL(Server):
    """A server of PostgreSQL."""

    kind = "postgresql"

    def make(self, name: str) -> None:
        """Make a database."""
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            server.execute(f'CREATE DATABASE "{name}"'.encode())


class MariaDB(Server):
    """A server of MariaDB."""

    kind = "mariadb"

    def make(self, name: str) -> None:
        """Make a database."""
        import dj_database_url
        import pymysql

        parts = dj_database_url.parse(self.server)
        server: Any = pymysql.connect(
            host=parts["HOST"],
            port=int(parts["PORT"] or 3306),
            user=parts["USER"],
            password=parts["PASSWORD"],
            autocommit=True,
        )
        with server, server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")


@contextmanager
def opened(kind: str, folder: Path, url: str = "") -> Iterator[Databases]:
    """Yield databases of a kind in a folder; a server that was started is stopped at the end.

    ``url`` names a server that is there already.
    """
    if kind == "sqlite":
        yield Files(folder)
    elif url:
        yield PostgreSQL(url) if kind == "postgresql" else MariaDB(url)
    elif kind == "postgresql":
        with _postgresql(folder / "postgresql") as server:
            yield server
    else:
        with _mariadb(folder / "mariadb") as server:
            yield server


POSTGRESQL_CONF = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 1GB
max_wal_size = 4GB
max_connections = 200
random_page_cost = 1.1
jit = off
# What the disk takes to flush would drown every write, the same for all.
synchronous_commit = off
"""


@contextmanager
def _postgresql(folder: Path) -> Iterator[PostgreSQL]:
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(), key=_version)
    if not (programs / "initdb").exists():
        programs = Path(_program("initdb")).parent
    by = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    control = [*by, str(programs / "pg_ctl"), "--pgdata", str(folder)]
    if not (folder / "PG_VERSION").exists():
        folder.mkdir()
        if by:  # it refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        made = [*by, str(programs / "initdb"), "--pgdata", str(folder), "--auth", "trust"]
        made += ["--username", "postgres", "--encoding", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(POSTGRESQL_CONF)
    port = free_port()
    start = ["-w", "-l", str(folder / "log"), "-o", f"-p {port}", "start"]
    subprocess.run([*control, *start], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        process = int((folder / "postmaster.pid").read_text().split()[0])
        yield PostgreSQL(f"postgres://postgres@127.0.0.1:{port}/postgres", [process])
    finally:
        stop = [*control, "-m", "fast", "-w", "stop"]
        subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def _mariadb(folder: Path) -> Iterator[MariaDB]:
    user = [f"--user={'root' if os.geteuid() == 0 else os.environ.get('USER', '')}"]
    if not (folder / "mysql").exists():
        folder.mkdir(exist_ok=True)
        made = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={folder}", *user]
        made += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    port = free_port()
    command = [_program("mariadbd"), "--no-defaults", f"--datadir={folder}", *user]
    command += ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}"]
    command += [f"--pid-file={folder / 'pid'}", "--innodb-buffer-pool-size=1G"]
    command += ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--max-connections=200"]
    with (folder / "log").open("a") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, server, folder / "log")
        yield MariaDB(f"mysql://root@127.0.0.1:{port}/mysql", [server.pid])
    finally:
        server.terminate()
        server.wait(60)


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once somebody listens; end the run where the process ends before."""
    for _ in range(600):
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"It does not listen on port {port}; see {log}.")


def _program(name: str) -> str:
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    if found := shutil.which(name, path=places):
        return found
    raise SystemExit(f"There is no {name} here; name a server by --server instead.")


def _version(programs: Path) -> int:
    number = programs.parent.name
    return int(number) if number.isdigit() else 0
