"""What a request leaves on a connection is never read as the next one.

Django's own server (``runserver``, live servers) keeps connections, and does not take chunks apart.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.live import LiveSCIM
from tests.scim_client import SCIM_JSON

pytestmark = pytest.mark.django_db(transaction=True)

SMUGGLED = b"GET /scim/v2/Users HTTP/1.1\r\n\r\n"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)


@pytest.fixture
def wire(scim: LiveSCIM) -> Iterator[http.client.HTTPConnection]:
    """Return one connection; it is opened again where the server has closed it."""
    parts = urlsplit(scim.url)
    with closing(http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)) as wire:
        yield wire


def ask(
    wire: http.client.HTTPConnection, method: str, path: str, body: bytes | None, **headers: str
) -> tuple[int, bool, bytes]:
    """Return the status, whether the server closes the connection, and the body."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given["Content-Type"] = SCIM_JSON
    wire.request(method, f"/scim/v2{path}", body=body, headers=given)
    answer = wire.getresponse()
    return answer.status, answer.will_close, answer.read()


@pytest.mark.parametrize(
    ("method", "path", "proven", "status"),
    [
        ("POST", "/Users/.search", True, 411),
        ("POST", "/Bulk", True, 411),
        ("POST", "/Users", False, 401),
        ("GET", "/Users?count=1", True, 200),
        ("DELETE", "/Users/nobody", True, 404),
        ("PUT", "/nothing", True, 404),
    ],
)
def test_connection_ends_where_nobody_knows_where_the_body_does(
    wire: http.client.HTTPConnection,
    scim: LiveSCIM,
    method: str,
    path: str,
    proven: bool,
    status: int,
) -> None:
    bearer = {"Authorization": f"Bearer {scim.token}"}
    given = bearer if proven else {}

    chunked = ask(wire, method, path, CHUNKED, Transfer_Encoding="chunked", **given)
    after = ask(wire, "GET", "/ServiceProviderConfig", None, **bearer)

    assert (chunked[0], chunked[1]) == (status, True)
    assert chunked[2].startswith(b"{")
    assert (after[0], after[1]) == (200, False)


@pytest.mark.parametrize(("method", "proven"), [("GET", True), ("POST", False), ("DELETE", True)])
def test_connection_is_kept_after_a_body_that_nobody_read(
    wire: http.client.HTTPConnection, scim: LiveSCIM, method: str, proven: bool
) -> None:
    bearer = {"Authorization": f"Bearer {scim.token}"}

    unread = ask(wire, method, "/Users/nobody", SMUGGLED, **(bearer if proven else {}))
    after = ask(wire, "GET", "/ServiceProviderConfig", None, **bearer)

    assert (unread[0], unread[1]) == (404 if proven else 401, False)
    assert (after[0], after[1]) == (200, False)
