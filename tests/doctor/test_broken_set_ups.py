"""Ten set-ups that break provisioning in the field: the doctor finds each and says which."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_scim_provider.models import LinkedAccount, SCIMToken
from django_scim_provider.models.moments import local
from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import (
    clock_off,
    instead,
    over_tls,
    page,
    strip_authorization,
    with_headers,
)
from tests.factories import make_token


def test_healthy_deployment_has_no_findings(
    serve: Serve, examine: Examine, token: str, certificate: Any
) -> None:
    server = serve(over_tls, context=certificate.trusted())

    found = examine(server.url, token)

    assert found.report["findings"] == []
    assert set(found.report["checks"].values()) == {"passed"}
    assert (found.code, found.report["healthy"], found.err) == (0, True, "")
    assert not LinkedAccount.objects.exists()


def test_stripped_header(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(strip_authorization).url, token)

    assert (found.code, found.ids) == (1, ["authorization-stripped"])
    assert "WSGIPassAuthorization On" in found.report["findings"][-1]["change"]


@pytest.mark.parametrize(
    "path", ["/scim/v1", "/api/scim", "/scim", "/scim/v2/Users", "", "/scim/v2/v2"]
)
def test_wrong_prefix(serve: Serve, examine: Examine, token: str, path: str) -> None:
    server = serve()

    found = examine(server.url.replace("/scim/v2", path), token)

    assert (found.code, found.ids) == (1, ["wrong-prefix"])
    assert f"it answers at {server.url}." in found.seen


def test_append_slash(serve: Serve, examine: Examine, token: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.doctor.urls_with_slash"
    server = serve()

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, ["redirect-slash"])
    assert f"{server.url}/ServiceProviderConfig/" in found.seen
    assert server.tokens_seen() == {None}


def test_html_404_of_a_proxy(serve: Serve, examine: Examine, token: str) -> None:
    server = serve(instead(page("404 Not Found")))

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, ["html-answer"])
    assert "404" in found.seen
    assert "nginx" in found.seen
    assert server.tokens_seen() == {None}


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/json", "application/octet-stream"]
)
def test_wrong_content_type(serve: Serve, examine: Examine, token: str, media_type: str) -> None:
    rewrite = with_headers(lambda headers: headers.update({"Content-Type": media_type}))

    found = examine(serve(rewrite).url, token)

    assert (found.code, found.ids) == (1, ["wrong-content-type"])
    assert f"as {media_type}" in found.seen


def test_plain_http(
    serve: Serve, examine: Examine, token: str, names: dict[tuple[str, int], int]
) -> None:
    server = serve()
    names["scim.example", 80] = server.port

    found = examine("http://scim.example/scim/v2", token)

    assert (found.code, found.ids) == (1, ["plain-http"])
    assert server.tokens_seen() == {None}


def test_plain_http_on_this_machine_is_a_warning(
    serve: Serve, examine: Examine, token: str
) -> None:
    found = examine(serve().url, token)

    assert found.code == 0
    assert [(one["id"], one["level"]) for one in found.report["findings"]] == [
        ("plain-http-loopback", "warning")
    ]


def test_expired_token(serve: Serve, examine: Examine, token: str) -> None:
    ended_at = timezone.now() - timedelta(days=3)
    SCIMToken.objects.update(expires_at=ended_at)

    found = examine(serve().url, token)

    day = local(ended_at).date().isoformat()  # of the project's time zone
    assert (found.code, found.ids) == (1, ["token-expired"])
    assert f"expired on {day}" in found.seen


def test_throttled(serve: Serve, examine: Examine, scim_settings: Callable[..., None]) -> None:
    rates = {"connection": "5/day", "discovery": None, "failed_authentication": None}
    scim_settings(THROTTLE_RATES=rates)
    server = serve()

    found = examine(server.url, make_token(provider_id=f"busy-{secrets.token_hex(4)}"))

    assert (found.code, found.ids) == (1, ["throttled"])
    assert "accepts requests again after " in found.seen
    assert len([1 for _, _, header in server.requests if header is not None]) < 10
    assert found.report["checks"]["probe-user"] == "skipped"


def test_read_only_scope_is_no_fault_of_the_server(serve: Serve, examine: Examine) -> None:
    token = make_token(scopes=["scim.users.read", "scim.groups.read"])

    found = examine(serve().url, token)

    levels = {one["id"]: one["level"] for one in found.report["findings"]}
    assert found.code == 0
    assert levels == {"plain-http-loopback": "warning", "scope-read-only": "warning"}


@pytest.mark.parametrize(("seconds", "words"), [(3600, "ahead of"), (-90, "behind")])
def test_clock_that_is_off(
    serve: Serve, examine: Examine, token: str, seconds: int, words: str
) -> None:
    found = examine(serve(clock_off(seconds)).url, token)

    assert (found.code, found.ids) == (1, ["clock-off"])
    assert f"seconds {words}" in found.seen
    assert found.report["checks"]["probe-user"] == "passed"


def test_clock_within_tolerance_is_not_off(serve: Serve, examine: Examine, token: str) -> None:
    assert examine(serve(clock_off(30)).url, token).ids == []
