"""Serve the example project by uvicorn and send many requests at once; none may be 503.

Usage: under_asgi.py PORT, with the example's own variables in the environment
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "example_project"
CLIENTS, REQUESTS = 16, 600
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


def manage(*arguments: str) -> str:
    """Run a command of the example project and return what it prints."""
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@contextmanager
def served(port: int) -> Iterator[str]:
    """Run the server until the block is left; persistent connections are on, to make it hard."""
    address = f"http://127.0.0.1:{port}/scim/v2"
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(PROJECT), "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--log-level", "warning", "example.asgi:application"],
        env={**os.environ, "CONN_MAX_AGE": "600"},
    )
    try:
        for _ in range(300):
            if server.poll() is None and status_of(f"{address}/health") == 200:
                break
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def status_of(address: str, token: str = "", body: object = None) -> int:
    """Return the status of a GET, or of a POST where there is a body; 0 without an answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(address, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def main(port: int) -> int:
    """Return the exit code."""
    manage("migrate", "--verbosity", "0")
    token = manage("scim_generate_token", "asgi")

    def ask(number: int) -> int:
        if number % 4:
            return status_of(f"{address}/Users?count=2", token)
        body = {"schemas": [CORE], "userName": uuid.uuid4().hex}
        return status_of(f"{address}/Users", token, body)

    with served(port) as address, ThreadPoolExecutor(CLIENTS) as clients:
        statuses = Counter(clients.map(ask, range(REQUESTS)))
    refused = sum(number for status, number in statuses.items() if status not in (200, 201))
    print(dict(statuses))
    print(f"{REQUESTS - refused} passed, {refused} failed")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
