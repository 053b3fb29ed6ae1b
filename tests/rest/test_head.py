"""HEAD, as a server sees it that does not take bodies away itself."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

from tests.scim_client import SCIMTestClient


def wsgi(method: str, path: str, token: str) -> tuple[str, dict[str, str], bytes]:
    """Return status, headers and body of a request at the door of the project."""
    environ = RequestFactory().generic(method, path).environ
    environ.update(HTTP_AUTHORIZATION=f"Bearer {token}", **{"wsgi.input": io.BytesIO()})
    seen: list[Any] = []
    start: Any = lambda *begun: seen.append(begun)  # noqa: E731 - as short as a function can be
    body = b"".join(get_wsgi_application()(environ, start))
    return seen[0][0], dict(seen[0][1]), body


@pytest.mark.django_db(transaction=True)  # the end of a request closes the connection
@pytest.mark.parametrize("found", [True, False])
def test_head_has_the_headers_of_get_and_no_body(scim_client: SCIMTestClient, found: bool) -> None:
    user = scim_client.create_user("ann@x.example")
    path = f"/scim/v2/Users/{user['id'] if found else 'nobody'}"
    token = str(scim_client.token)

    got = wsgi("GET", path, token)
    head = wsgi("HEAD", path, token)

    assert head[0] == got[0] == ("200 OK" if found else "404 Not Found")
    assert head[2] == b""
    assert len(got[2]) == int(head[1]["Content-Length"]) > 0
    assert head[1].get("ETag") == got[1].get("ETag")
