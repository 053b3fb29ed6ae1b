"""Bearer tokens over HTTP: what opens, what does not, and that a refusal tells nothing."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.tokens.service import generate_scim_token, revoke_scim_token
from tests.factories import make_token
from tests.people import make_organization
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

DEFAULT_SECRET = "a-default-secret-of-thirty-two-ch"


def encoded(*parts: str) -> str:
    return base64.urlsafe_b64encode(":".join(parts).encode()).decode().rstrip("=")


def parts_of(token: str) -> list[str]:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(":")


def status(header: str | None) -> int:
    client = SCIMTestClient(None)
    headers: dict[str, Any] = {} if header is None else {"HTTP_AUTHORIZATION": header}
    answer = client.get("/Users", **headers)
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"] == challenge_for(header)
        assert answer.json["detail"] == "The bearer token is missing or not valid."
    return answer.status


def challenge_for(header: str | None) -> str:
    """Return the one challenge that all bearer tokens get, or the one of all other requests."""
    sent = (header or "").lower().startswith("bearer ") and (header or "")[7:].strip(" ")
    return 'Bearer realm="SCIM", error="invalid_token"' if sent else 'Bearer realm="SCIM"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_token_opens_with_the_scheme_in_any_case(scheme: str) -> None:
    assert status(f"{scheme} {make_token()}") == 200


def altered(token: str) -> list[str | None]:
    """Return what is almost the header of a token."""
    secret, provider, organization = parts_of(token)
    padded = token + "=" * (-len(token) % 4)
    return [
        None,
        "",
        "Bearer",
        "Bearer ",
        token,
        f"Basic {token}",
        f"Token {token}",
        f"Bearer {token} {token}",
        f"Bearer {token},{token}",
        f"Bearer {token}, Bearer {token}",
        f"Bearer {token[:-1]}",
        f"Bearer {token}A",
        f"Bearer A{token}",
        f"Bearer {token.swapcase()}",
        f"Bearer {token}=",
        f"Bearer {padded}=" if padded != token else f"Bearer {token}==",
        f"Bearer {token[:9]}!{token[9:]}",
        f"Bearer {token[:9]}\n{token[9:]}",
        f"Bearer {base64.b64encode(token.encode()).decode()}",
        f"Bearer {encoded(secret, provider)}",
        f"Bearer {encoded(secret, provider, '')}",
        f"Bearer {encoded(secret, provider, 'other')}",
        f"Bearer {encoded(secret, provider, organization, 'x')}",
        f"Bearer {encoded(secret, 'other', organization)}",
        f"Bearer {encoded(secret, provider.upper(), organization)}",
        f"Bearer {encoded(secret, '', organization)}",
        f"Bearer {encoded('', provider, organization)}",
        f"Bearer {encoded(secret[:-1], provider, organization)}",
        f"Bearer {encoded(secret[:8], provider, organization)}",
        f"Bearer {encoded(secret[8:], provider, organization)}",
        f"Bearer {encoded(secret[:8] + secret[8:].swapcase(), provider, organization)}",
        f"Bearer {encoded(secret + ' ', provider, organization)}",
        f"Bearer {encoded(provider, secret, organization)}",
        f"Bearer {secret}",
        f"Bearer {':'.join((secret, provider, organization))}",
        f"Bearer {'A' * 100_000}",
        "Bearer \xff\xfe",
        "Bearer ::",
    ]


def test_any_altered_form_is_401() -> None:
    make_organization("org")
    token = make_token(organization_id="org")
    assert status(f"Bearer {token}") == 200

    assert {header: status(header) for header in altered(token) if status(header) != 401} == {}


def test_non_canonical_base64_is_401() -> None:
    """The unused bits of the last character must be zero."""
    token = next(t for n in range(9) if len(t := make_token(provider_id="a" * (n + 1))) % 4)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]

    assert base64.urlsafe_b64decode(twin + "==") == base64.urlsafe_b64decode(token + "==")
    assert status(f"Bearer {token}") == 200
    assert status(f"Bearer {twin}") == 401


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda token: revoke_scim_token(token), id="revoked"),
        pytest.param(
            lambda token: SCIMToken.objects.update(expires_at=timezone.now()), id="expired"
        ),
        pytest.param(lambda token: ProviderConnection.objects.update(enabled=False), id="disabled"),
        pytest.param(
            lambda token: ProviderConnection.objects.update(decommissioned_at=timezone.now()),
            id="decommissioned",
        ),
        pytest.param(lambda token: generate_scim_token("acme"), id="replaced"),
        pytest.param(lambda token: token.delete(), id="deleted"),
        pytest.param(
            lambda token: SCIMToken.objects.update(secret="argon2:broken"), id="corrupted"
        ),
    ],
)
def test_ended_token_is_401_at_the_next_request(end: Callable[[SCIMToken], Any]) -> None:
    token, wire = generate_scim_token("acme")
    assert status(f"Bearer {wire}") == 200

    end(token)

    assert status(f"Bearer {wire}") == 401


@pytest.mark.django_db(transaction=True)
def test_revocation_is_seen_by_another_process(transactional_db: None) -> None:
    """A process that has proven the token refuses it once the row says so."""
    token, wire = generate_scim_token("acme")
    name = str(connection.settings_dict["NAME"])
    script = (
        "import sys, django; from django.conf import settings; import tests.settings as s;"
        "s.DATABASES['default']['NAME'] = sys.argv[1]; django.setup();"
        "from django_scim_provider.tokens.verification import verify_token;"
        "print(bool(verify_token(sys.argv[2])), flush=True); sys.stdin.readline();"
        "print(bool(verify_token(sys.argv[2])), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, name, wire],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        before = process.stdout.readline().strip()
        revoke_scim_token(token)
        process.stdin.write("\n")
        process.stdin.flush()
        after = process.stdout.readline().strip()

    assert (before, after) == ("True", "False")


def test_argon2_runs_once_for_a_token_in_a_process(hashings: list[str]) -> None:
    token = make_token()
    client = SCIMTestClient(token)

    statuses = {client.get("/Users").status for _ in range(5)}

    assert statuses == {200}
    assert len(hashings) == 1


def test_guesser_who_knows_only_the_provider_does_not_make_the_server_hash(
    hashings: list[str],
) -> None:
    make_token()

    assert status(f"Bearer {encoded('x' * 51, 'acme')}") == 401
    assert hashings == []


def test_only_the_header_counts() -> None:
    token = make_token()
    client = SCIMTestClient(None)

    assert client.get(f"/Users?access_token={token}&token={token}").status == 401
    assert client.get("/Users", HTTP_X_AUTHORIZATION=f"Bearer {token}").status == 401
    assert client.get("/Users", HTTP_COOKIE=f"token={token}").status == 401


def test_session_of_a_superuser_opens_nothing() -> None:
    model = get_user_model()
    user = model._default_manager.create(
        **{model.USERNAME_FIELD: "root@x.example"}, is_staff=True, is_superuser=True
    )
    client = Client()
    client.force_login(user)

    assert client.get("/scim/v2/Users").status_code == 401


def test_last_use_is_noted_once_in_an_interval() -> None:
    token, wire = generate_scim_token("acme")
    status(f"Bearer {wire}")
    token.refresh_from_db()
    first = token.last_used_at

    status(f"Bearer {wire}")
    token.refresh_from_db()
    second = token.last_used_at
    SCIMToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=301))
    status(f"Bearer {wire}")
    token.refresh_from_db()

    assert first == second
    assert token.last_used_at is not None
    assert timezone.now() - token.last_used_at < timedelta(seconds=60)


@pytest.mark.parametrize("scheme", ["hashed", "encrypted", "plain"])
def test_token_outlives_a_change_of_the_scheme(
    scim_settings: Callable[..., None], scheme: str
) -> None:
    scim_settings(STORE_SCIM_TOKEN=scheme)
    token = make_token()
    scim_settings(STORE_SCIM_TOKEN="hashed")

    assert status(f"Bearer {token}") == 200


@pytest.mark.parametrize(("organization", "opened"), [(None, 200), ("org", 401), ("other", 401)])
def test_default_connection_opens_by_its_secret(
    scim_settings: Callable[..., None], organization: str | None, opened: int
) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": DEFAULT_SECRET}])
    rest = [] if organization is None else [organization]

    assert status(f"Bearer {encoded(DEFAULT_SECRET, 'fixed', *rest)}") == opened
    assert status(f"Bearer {encoded(DEFAULT_SECRET + 'x', 'fixed')}") == 401
    assert status(f"Bearer {encoded('', 'fixed')}") == 401


def test_default_connection_holds_users_and_wins_over_rows(
    scim_settings: Callable[..., None],
) -> None:
    row = make_token(provider_id="fixed")
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": DEFAULT_SECRET}])
    client = SCIMTestClient(encoded(DEFAULT_SECRET, "fixed"))

    created = client.create_user("ann@x.example")

    assert client.get(f"/Users/{created['id']}").status == 200
    assert status(f"Bearer {row}") == 401


def test_default_connection_may_have_fewer_scopes(scim_settings: Callable[..., None]) -> None:
    entry = {"provider_id": "fixed", "scim_token": DEFAULT_SECRET, "scopes": ["scim.groups.read"]}
    scim_settings(DEFAULT_SCIM=[entry])

    assert status(f"Bearer {encoded(DEFAULT_SECRET, 'fixed')}") == 403


def test_log_holds_no_token(caplog: pytest.LogCaptureFixture) -> None:
    token = make_token()
    client = SCIMTestClient(token)
    with caplog.at_level("DEBUG"):
        client.create_user("secret-name@x.example")
        client.find('userName eq "secret-name@x.example"')
        SCIMTestClient(token[:-1]).get("/Users")

    ours = [r.getMessage() for r in caplog.records if r.name.startswith("django_scim_provider")]
    assert token not in caplog.text
    assert not any("secret-name" in message for message in ours)
