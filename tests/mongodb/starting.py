"""Finds the MongoDB of a run: the server that a URL names, or one that is started for it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.databases import MONGODB

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = "SCIM_PROVIDER_MONGODB_URL"


def server_url() -> str:
    """Return the URL of a server; start one where the environment has none.

    It is in the environment from then on, for the processes that this one starts.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url.partition("://")[0] in MONGODB:
        return url
    if NAMED not in os.environ:
        os.environ[NAMED] = start_server()
    return os.environ[NAMED]


def start_server() -> str:
    """Start a server that ends with this process, and return its URL.

    Raises:
        RuntimeError: it did not start, for instance as its package is not installed.
    """
    folder = tempfile.mkdtemp(prefix="scim-mongodb-")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.mongodb.server", folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def stop() -> None:
        assert server.stdin is not None
        server.stdin.close()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)

    assert server.stdout is not None
    url = server.stdout.readline().strip()
    if not url:
        stop()
        raise RuntimeError("The MongoDB of the tests did not start: is secantusdb installed?")
    atexit.register(stop)
    return url
