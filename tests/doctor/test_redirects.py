"""Redirects are told, never followed, and no other host gets the token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import answer, asks, instead


def sends_to(location: str) -> Any:
    return answer("302 Found", b"", ("Location", location))


@pytest.mark.parametrize(
    ("location", "id"),
    [
        pytest.param("/accounts/login/?next=/scim/v2", "redirect-login", id="log-in"),
        pytest.param("https://sso.example/oauth2/start", "redirect-login", id="single-sign-on"),
        pytest.param("https://127.0.0.1/scim/v2", "redirect-to-https", id="https"),
        pytest.param("https://www.other.example/x", "redirect-host", id="host"),
        pytest.param("//other.example/x", "redirect-host", id="host-without-scheme"),
        pytest.param("/somewhere", "redirect-elsewhere", id="elsewhere"),
        pytest.param("ServiceProviderConfig/", "redirect-slash", id="slash"),
    ],
)
def test_redirect_is_named(
    serve: Serve, examine: Examine, token: str, location: str, id: str
) -> None:
    server = serve(instead(sends_to(location)))

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, [id])
    assert server.tokens_seen() == {None}


def test_redirect_of_one_method_is_found(serve: Serve, examine: Examine, token: str) -> None:
    server = serve(instead(sends_to("/scim/v2/Users/"), asks("POST", "/Users")))

    found = examine(server.url, token)

    assert found.ids == ["redirect-slash"]
    assert "POST /Users" in found.seen


def test_other_host_never_gets_the_token(serve: Serve, examine: Examine, token: str) -> None:
    other = serve()
    # Only requests that carry the token are sent away.
    trap = instead(
        sends_to(f"{other.url}/Users?secret=1"), lambda environ: "HTTP_AUTHORIZATION" in environ
    )

    found = examine(serve(trap).url, token)

    assert (found.code, found.ids) == (1, ["redirect-host"])
    assert other.requests == []
    assert f"{other.url}/Users." in found.seen
    assert "secret" not in found.out


def test_plain_http_that_leads_to_https(
    serve: Serve, examine: Examine, token: str, names: dict[tuple[str, int], int]
) -> None:
    server = serve(instead(sends_to("https://scim.example/scim/v2/ServiceProviderConfig")))
    names["scim.example", 80] = server.port

    found = examine("http://scim.example/scim/v2", token)

    assert found.ids == ["plain-http", "redirect-to-https"]
    assert server.tokens_seen() == {None}
