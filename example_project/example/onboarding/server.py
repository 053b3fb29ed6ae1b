"""A server of the example project in a process of its own."""

from __future__ import annotations

import errno
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx2

SECONDS_TO_START = 60
PROJECT = Path(__file__).resolve().parent.parent.parent


class ServerError(Exception):
    """The server does not answer; the message says why as far as it is known."""


def command(port: int) -> list[str]:
    """Return the command of a server: gunicorn where it is installed, else Django's own."""
    address = f"127.0.0.1:{port}"
    if importlib.util.find_spec("gunicorn") is None:
        return [sys.executable, str(PROJECT / "manage.py"), "runserver", "--noreload", address]
    return [
        *(sys.executable, "-m", "gunicorn", "--chdir", str(PROJECT), "--bind", address),
        *("--workers", "2", "--threads", "4", "--log-level", "warning", "example.wsgi"),
    ]


def environment(port: int) -> dict[str, str]:
    """Return what the server's process is told: that it has a fake identity provider beside it."""
    return {**os.environ, "FAKE_IDP_ORIGIN": f"http://127.0.0.1:{port}"}


def migrate(port: int) -> None:
    """Bring the database up to date, with the tables of the log-in that only the server has.

    Raises:
        ServerError: it fails.
    """
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "migrate", "--noinput", "--verbosity=0"],
        env=environment(port),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError(f"The database cannot be set up.\n{done.stderr[-2000:]}")


@contextmanager
def running(port: int, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block is left; what it writes goes to ``log``.

    Raises:
        ServerError: the port is taken, or the server ends or stays silent.
    """
    refuse_taken(port)
    process = subprocess.Popen(
        command(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(port)
    )
    try:
        _wait_until_it_answers(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def refuse_taken(port: int) -> None:
    """Do nothing where a server could listen on the port.

    Raises:
        ServerError: it could not.
    """
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = "is taken" if error.errno == errno.EADDRINUSE else "cannot be used"
            raise ServerError(f"Port {port} {reason}; name another one with --port.") from error


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"The server ended with exit code {process.returncode}.")
        try:
            httpx2.get(f"http://127.0.0.1:{port}/scim/v2/ServiceProviderConfig", timeout=5)
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise ServerError(f"The server did not answer within {SECONDS_TO_START} seconds.")
