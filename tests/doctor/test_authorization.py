"""A lost header and a refused token look alike from outside; the doctor tells them apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.utils import timezone

from django_scim_provider.management import examined_token
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.tokens.service import revoke_scim_token
from django_scim_provider.tokens.wire import WireToken, decode, new_secret
from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import (
    answer,
    asks,
    instead,
    page,
    strip_authorization,
    with_environ,
    with_headers,
)
from tests.factories import make_token


def parts(token: str) -> WireToken:
    found = decode(token)
    assert found is not None
    return found


def retire(token: str) -> None:
    revoke_scim_token(SCIMToken.objects.get(lookup=parts(token).lookup))


def retire_owner(token: str) -> None:
    model = get_user_model()
    owner = model._default_manager.create(**{model.USERNAME_FIELD: "o"}, is_active=False)
    ProviderConnection.objects.update(owner=owner)


@pytest.mark.parametrize(
    ("end", "id"),
    [
        pytest.param(retire, "token-revoked", id="revoked"),
        pytest.param(retire_owner, "connection-owner-inactive", id="owner"),
        pytest.param(
            lambda token: ProviderConnection.objects.update(enabled=False),
            "connection-disabled",
            id="disabled",
        ),
        pytest.param(
            lambda token: ProviderConnection.objects.update(decommissioned_at=timezone.now()),
            "connection-decommissioned",
            id="decommissioned",
        ),
        pytest.param(
            lambda token: ProviderConnection.objects.update(organization_id="other"),
            "token-organization",
            id="organization",
        ),
        pytest.param(
            lambda token: SCIMToken.objects.update(lookup="AAAAAAAA"), "token-unknown", id="unknown"
        ),
    ],
)
def test_dead_token_is_named_by_the_database(
    serve: Serve, examine: Examine, token: str, end: Any, id: str
) -> None:
    end(token)

    found = examine(serve().url, token)

    assert (found.code, found.ids) == (1, [id])


@pytest.mark.parametrize(
    ("change", "id"),
    [
        pytest.param(lambda t: t[:-3], "token-malformed", id="cut-off"),
        pytest.param(lambda t: f"Bearer {t}", "token-malformed", id="with-scheme"),
        pytest.param(lambda t: f'"{t}"', "token-malformed", id="quoted"),
        pytest.param(lambda t: "hunter2", "token-malformed", id="something-else"),
        pytest.param(
            lambda t: "t\N{LATIN SMALL LETTER O WITH DIAERESIS}", "token-malformed", id="not-ascii"
        ),
        pytest.param(
            lambda t: WireToken(parts(t).lookup + new_secret()[8:], "examined").encode(),
            "token-altered",
            id="other-secret",
        ),
        pytest.param(
            lambda t: WireToken(parts(t).secret, "else").encode(), "token-altered", id="provider"
        ),
    ],
)
def test_wrong_text_is_named_and_never_shown(
    serve: Serve, examine: Examine, token: str, change: Any, id: str
) -> None:
    wrong = change(token)

    found = examine(serve().url, wrong)

    assert (found.code, found.ids) == (1, [id])
    assert wrong not in found.out + found.err


def test_malformed_token_is_not_sent(serve: Serve, examine: Examine) -> None:
    server = serve()

    examine(server.url, "hunter2")

    assert "Bearer hunter2" not in server.tokens_seen()


def test_both_a_lost_header_and_an_expired_token_are_named(
    serve: Serve, examine: Examine, token: str
) -> None:
    SCIMToken.objects.update(expires_at=timezone.now() - timedelta(days=1))

    found = examine(serve(strip_authorization).url, token)

    assert found.ids == ["authorization-stripped", "token-expired"]


def test_replaced_header_is_a_lost_one(serve: Serve, examine: Examine, token: str) -> None:
    replace = with_environ(lambda environ: environ.update({"HTTP_AUTHORIZATION": "Basic eDp5"}))

    assert examine(serve(replace).url, token).ids == ["authorization-stripped"]


def test_token_that_is_good_here_and_refused_there(
    serve: Serve, examine: Examine, token: str
) -> None:
    other = WireToken(new_secret(), "examined").encode()
    swap = with_environ(
        lambda environ: (
            environ.update({"HTTP_AUTHORIZATION": f"Bearer {other}"})
            if "HTTP_AUTHORIZATION" in environ
            else None
        )
    )

    assert examine(serve(swap).url, token).ids == ["token-good-here"]


def test_database_that_cannot_be_read_is_said(
    serve: Serve, examine: Examine, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCIMToken.objects.update(revoked_at=timezone.now())

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("no such table")

    monkeypatch.setattr(examined_token, "read_token_row", fail)

    assert examine(serve().url, token).ids == ["token-refused"]


def test_token_of_the_settings_is_looked_up_there(
    serve: Serve, examine: Examine, scim_settings: Any
) -> None:
    secret = new_secret()
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": secret}])
    server = serve()
    good = WireToken(secret, "fixed").encode()

    assert examine(server.url, good).ids == []
    assert examine(server.url, WireToken(new_secret(), "fixed").encode()).ids == ["token-altered"]
    assert examine(server.url, WireToken(secret, "fixed", "o").encode()).ids == [
        "token-organization"
    ]
    ProviderConnection.objects.update(enabled=False)
    assert examine(server.url, good).ids == ["connection-disabled"]
    ProviderConnection.objects.update(decommissioned_at=timezone.now())
    assert examine(server.url, good).ids == ["connection-decommissioned"]


def test_token_that_ends_soon_is_a_warning(serve: Serve, examine: Examine, token: str) -> None:
    SCIMToken.objects.update(expires_at=timezone.now() + timedelta(days=5))

    found = examine(serve().url, token)

    assert (found.code, found.ids) == (0, ["token-expires-soon"])


def test_log_in_of_a_proxy(serve: Serve, examine: Examine, token: str) -> None:
    header = ("WWW-Authenticate", 'Basic realm="internal"')
    guard = instead(answer("401 Unauthorized", b"<html>no</html>", header))

    assert examine(serve(guard).url, token).ids == ["authorization-intercepted"]


def test_proxy_that_guards_only_requests_with_a_token(
    serve: Serve, examine: Examine, token: str
) -> None:
    guard = instead(page("401 Unauthorized"), lambda environ: "HTTP_AUTHORIZATION" in environ)

    found = examine(serve(guard).url, token)

    assert found.ids[0] == "authorization-intercepted"


def test_proxy_that_adds_a_token_opens_the_door(serve: Serve, examine: Examine, token: str) -> None:
    add = with_environ(lambda environ: environ.update({"HTTP_AUTHORIZATION": f"Bearer {token}"}))

    found = examine(serve(add).url, token)

    assert (found.code, found.ids) == (1, ["open-to-everyone"])


def test_challenge_that_a_proxy_takes_away(serve: Serve, examine: Examine, token: str) -> None:
    drop = with_headers(lambda headers: headers.pop("Www-Authenticate", None))

    good = examine(serve(drop).url, token)
    stripped = examine(serve(strip_authorization, drop).url, token)

    assert (good.code, good.ids) == (0, ["challenge-missing"])
    assert (stripped.code, stripped.ids) == (1, ["challenge-missing", "token-good-here"])


def test_missing_scope_of_groups_is_a_note(serve: Serve, examine: Examine, db: None) -> None:
    token = make_token(scopes=["scim.users.read", "scim.users.write"])

    found = examine(serve().url, token)

    assert (found.code, found.ids) == (0, ["scope-missing"])
    assert "GET /Groups" in found.seen


def test_some_servers_that_lose_the_header(serve: Serve, examine: Examine, token: str) -> None:
    guard = instead(answer("401 Unauthorized", b'{"schemas": []}'), asks("GET", "/ResourceTypes"))

    assert "authorization-unsteady" in examine(serve(guard).url, token).ids
