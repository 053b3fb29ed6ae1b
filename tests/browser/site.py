"""The example project under gunicorn, on a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2] / "example_project"
COMMANDS = Path(__file__).resolve().parent / "commands.py"
PASSWORD = "in-a-browser-only"
START = 300
"""Seconds that the server may take to answer."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Site:
    """A running example project, and a process that runs commands in it."""

    origin: str
    """Such as ``http://127.0.0.1:8000``, without a trailing slash."""
    folder: Path
    commands: subprocess.Popen[str]

    def manage(self, *arguments: str, text: str = "") -> str:
        """Run a management command with ``text`` as its input, and return what it prints."""
        return self._run({"arguments": arguments, "text": text})

    def python(self, code: str) -> str:
        """Run Python in the project, and return what it prints."""
        return self._run({"code": code}).strip()

    def begin_anew(self) -> None:
        """Go on with a database as it was at the start: tables, and a superuser ``admin``."""
        copy = self.folder / f"{next(_numbers)}.sqlite3"
        shutil.copy(self.folder / "first.sqlite3", copy)
        # SQLite follows the link, so that whoever still has the former database open keeps to it.
        link = self.folder / "link"
        link.symlink_to(copy)
        link.replace(self.folder / "site.sqlite3")

    def _run(self, wanted: dict[str, Any]) -> str:
        assert self.commands.stdin is not None
        assert self.commands.stdout is not None
        self.commands.stdin.write(json.dumps(wanted) + "\n")
        self.commands.stdin.flush()
        line = self.commands.stdout.readline()
        assert line, "the process that runs commands ended"
        done = json.loads(line)
        assert done["code"] == 0, done["printed"] + done["complained"]
        return str(done["printed"])


@contextmanager
def serving(folder: Path, *, fake_idp: bool = False) -> Iterator[Site]:
    """Serve the project with a superuser ``admin`` until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "CONN_MAX_AGE": "0",
        "SECRET_KEY": "browser",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if fake_idp:
        environment["FAKE_IDP_ORIGIN"] = f"http://127.0.0.1:{port}"
    with _commands(environment) as commands:
        site = Site(f"http://127.0.0.1:{port}", folder, commands)
        site.manage("migrate", "--verbosity=0")
        site.manage("createsuperuser", "--noinput", "--username=admin", "--email=a@example.com")
        (folder / "site.sqlite3").rename(folder / "first.sqlite3")
        site.begin_anew()
        with _server(folder, port, environment) as server:
            _wait_for(site, server)
            yield site


@contextmanager
def _commands(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start Django once for all commands, which takes longer than most of them."""
    process = subprocess.Popen(
        [sys.executable, str(COMMANDS), str(PROJECT)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _server(
    folder: Path, port: int, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--chdir", str(PROJECT), "example.wsgi"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "2"),
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield server
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(site: Site, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"{site.origin}/admin/login/", timeout=10)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server does not answer")
