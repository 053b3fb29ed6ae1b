"""What a process remembers has an end, whatever clients send: no worker grows with its age."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import quote

import pytest

from django_scim_provider.models.keys import uuid7
from tests.costs import caches
from tests.scim_client import CORE, SCIMTestClient

MANY = 30
MOST = 1024
"""Entries of the largest cache that requests fill; each is of a short text."""

pytestmark = pytest.mark.django_db


def ask(client: SCIMTestClient, number: int) -> None:
    """Send requests that nobody has sent before."""
    for expression in (f'userName eq "u{number}"', f'emails.value co "{number}" or title pr'):
        assert client.get(f"/Users?filter={quote(expression)}").status == 200
    assert client.get(f"/Users?filter=n{number}%20pr").status == 400
    assert client.get(f"/Users?sortBy=n{number}").status == 200
    assert client.get(f"/Users?attributes=n{number}&excludedAttributes=m{number}").status == 200
    assert client.get(f"/Users?startIndex={number + 1}&count={number}").status == 200
    assert client.get(f"/Users/{uuid7()}").status == 404
    assert client.get(f"/n{number}").status == 404
    assert client.get("/Users?count=0", accept=f"application/scim+json;n={number}").status == 200
    body = {"schemas": [CORE], "userName": f"u{number}", f"n{number}": 1}
    assert client.request("POST", "/Users", body).status == 201


def test_unlike_requests_grow_no_cache_without_end(scim_client: SCIMTestClient) -> None:
    for number in range(MANY):  # until each has been asked that a process asks at some time
        ask(scim_client, number)
    before = {name: told() for name, told in caches().items()}

    for number in range(MANY, 2 * MANY):
        ask(scim_client, number)

    after = {name: told() for name, told in caches().items()}
    endless = {name: now.currsize for name, now in after.items() if now.maxsize is None}
    assert endless == {name: before[name].currsize for name in endless}
    assert all(now.maxsize <= MOST for now in after.values() if now.maxsize is not None)


def test_encryption_is_imported_by_those_who_encrypt() -> None:
    told = "import sys, django_scim_provider.tokens.wire; print('cryptography' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
