"""The example project under gunicorn, on a database of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2] / "example_project"
PASSWORD = "in-a-browser-only"
START = 120
"""Seconds that the server may take to answer."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running example project."""

    origin: str
    """Such as ``http://127.0.0.1:8000``, without a trailing slash."""
    environment: dict[str, str]

    def manage(self, *arguments: str, text: str = "") -> str:
        """Run a management command with ``text`` as its input, and return what it prints."""
        done = subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """Run Python in the project, and return what it prints."""
        return self.manage("shell", "--verbosity=0", "--command", code).strip()


@contextmanager
def serving(folder: Path, *, fake_idp: bool = False, **environment: str) -> Iterator[Site]:
    """Serve the project with a superuser ``admin`` until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "SECRET_KEY": "browser",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        **environment,
    }
    env.pop("DJANGO_SETTINGS_MODULE", None)
    if fake_idp:
        env["FAKE_IDP_ORIGIN"] = f"http://127.0.0.1:{port}"
    site = Site(f"http://127.0.0.1:{port}", env)
    site.manage("migrate", "--verbosity=0")
    site.manage("createsuperuser", "--noinput", "--username=admin", "--email=admin@example.com")
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--chdir", str(PROJECT), "example.wsgi"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "2"),
            ],
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(site, server)
            yield site
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(site: Site, server: subprocess.Popen[Any]) -> None:
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
