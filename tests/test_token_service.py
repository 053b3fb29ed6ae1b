"""Making and revoking tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from django_scim_provider import signals
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.tokens.service import (
    generate_scim_token,
    revoke_connection_tokens,
    revoke_scim_token,
)
from django_scim_provider.tokens.verification import verify_token
from django_scim_provider.tokens.wire import SCOPES, decode
from tests.factories import make_connection
from tests.parallel import in_parallel
from tests.people import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    user = get_user_model()(**{get_user_model().USERNAME_FIELD: "owner@acme.example"})
    user.save()
    return user


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Yield what the token signals send, in order."""
    found: list[tuple[str, dict[str, Any]]] = []
    with ExitStack() as ends:
        for name in (
            "before_scim_token_generated",
            "after_scim_token_generated",
            "scim_token_revoked",
        ):
            signal = getattr(signals, name)

            def receive(name: str = name, **sent: Any) -> None:
                found.append((name, sent))

            signal.connect(receive, weak=False)
            ends.callback(signal.disconnect, receive)
        yield found


def test_connection_is_made_where_it_is_missing(owner: Any) -> None:
    make_organization("org")
    token, wire = generate_scim_token("acme", organization_id="org", owner=owner, label="first")

    connection = ProviderConnection.objects.get()
    parts = decode(wire)
    assert (connection.provider_id, connection.organization_id) == ("acme", "org")
    assert connection.owner == owner
    assert token.label == "first"
    assert parts is not None
    assert (parts.provider_id, parts.organization_id) == ("acme", "org")
    assert token.lookup == parts.lookup


def test_secret_is_not_stored() -> None:
    token, wire = generate_scim_token("acme")

    parts = decode(wire)
    assert parts is not None
    assert parts.secret not in token.secret
    assert wire not in str(SCIMToken.objects.values())


def test_new_token_replaces_the_old_at_once() -> None:
    _, old = generate_scim_token("acme")
    assert verify_token(old)

    _, new = generate_scim_token("acme")

    assert verify_token(old) is None
    assert verify_token(new)


def test_overlap_lets_the_old_token_live_on() -> None:
    _, old = generate_scim_token("acme")

    generate_scim_token("acme", overlap=timedelta(hours=1))

    with time_machine.travel(utc_now() + timedelta(minutes=59)):
        assert verify_token(old)
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        assert verify_token(old) is None


def test_overlap_never_prolongs() -> None:
    token, _ = generate_scim_token("acme", expires_in=timedelta(minutes=5))
    expires_at = token.expires_at

    generate_scim_token("acme", overlap=timedelta(hours=1))

    token.refresh_from_db()
    assert token.expires_at == expires_at


def test_live_tokens_are_limited(scim_settings: Callable[..., None]) -> None:
    scim_settings(MAX_LIVE_TOKENS=2)
    for _ in range(2):
        generate_scim_token("acme", overlap=timedelta(hours=1))

    with pytest.raises(ValidationError, match="Too many"):
        generate_scim_token("acme", overlap=timedelta(hours=1))
    generate_scim_token("acme")

    assert SCIMToken.objects.live().count() == 1


def test_expired_token_opens_nothing() -> None:
    token, wire = generate_scim_token("acme", expires_in=timedelta(days=1))
    assert token.expires_at is not None

    with time_machine.travel(utc(token.expires_at) - timedelta(seconds=1), tick=False):
        assert verify_token(wire)
    with time_machine.travel(utc(token.expires_at), tick=False):
        assert verify_token(wire) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, SCOPES), ([], SCOPES), (iter(["scim.users.read"] * 2), ["scim.users.read"])],
)
def test_scopes_are_kept(given: Any, expected: Any) -> None:
    _, wire = generate_scim_token("acme", scopes=given)

    verified = verify_token(wire)
    assert verified is not None
    assert verified.scopes == frozenset(expected)


@pytest.mark.parametrize(
    "arguments",
    [
        {"provider_id": ""},
        {"provider_id": "a:b"},
        {"provider_id": "a\nb"},
        {"provider_id": "a\x00b"},
        {"provider_id": "a\u200bb"},
        {"provider_id": "a\ud800"},
        {"provider_id": "a" * 256},
        {"provider_id": "\ufdfa" * 20},
        {"provider_id": "ä" * 255, "organization_id": "ä" * 255},
        {"organization_id": ""},
        {"organization_id": "a:b"},
        {"scopes": ["scim.everything"]},
        {"expires_in": timedelta(0)},
        {"expires_in": timedelta.max},
        {"overlap": timedelta(-1)},
    ],
    ids=lambda arguments: "-".join(arguments),
)
def test_invalid_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        generate_scim_token(**{"provider_id": "acme", **arguments})

    assert not ProviderConnection.objects.exists()


@pytest.mark.parametrize("twin", ["ACME-é", "acme-É", "\uff41cme-é"])
def test_id_that_differs_by_case_only_is_refused(twin: str) -> None:
    generate_scim_token("acme-é")

    with pytest.raises(ValidationError, match="taken"):
        generate_scim_token(twin)


def test_connection_of_others_is_refused(owner: Any) -> None:
    make_connection(provider_id="org", organization_id="one")
    make_connection(provider_id="unowned")
    make_connection(provider_id="ended", owner=owner, decommissioned_at=timezone.now())

    for arguments in (
        {"provider_id": "org", "organization_id": "two"},
        {"provider_id": "unowned", "organization_id": "one"},
        {"provider_id": "unowned", "owner": owner},
        {"provider_id": "ended"},
    ):
        with pytest.raises(PermissionDenied):
            generate_scim_token(**arguments)


def test_organization_of_the_connection_is_in_the_token() -> None:
    make_connection(organization_id="org")

    _, wire = generate_scim_token("acme")

    parts = decode(wire)
    assert parts is not None
    assert parts.organization_id == "org"


def test_two_signals_carry_the_token_and_who_asked_for_it(
    heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, owner: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        token, wire = generate_scim_token("acme", created_by=owner)
        assert [name for name, _ in heard] == ["before_scim_token_generated"]

    assert [name for name, _ in heard] == [
        "before_scim_token_generated",
        "after_scim_token_generated",
    ]
    for _, sent in heard:
        assert sent["connection"].provider_id == "acme"
        assert (sent["token"], sent["scim_token"]) == (token, wire)
        assert (sent["user"], sent["membership"]) == (owner, None)


def test_veto_changes_nothing(request: pytest.FixtureRequest) -> None:
    def veto(**sent: Any) -> None:
        raise PermissionDenied("not today")

    _, old = generate_scim_token("acme")
    signals.before_scim_token_generated.connect(veto)
    request.addfinalizer(lambda: signals.before_scim_token_generated.disconnect(veto))

    for provider_id in ("acme", "other"):
        with pytest.raises(PermissionDenied, match="not today"):
            generate_scim_token(provider_id)

    assert verify_token(old)
    assert not ProviderConnection.objects.filter(provider_id="other").exists()


def test_failing_receiver_after_commit_harms_nobody(
    request: pytest.FixtureRequest,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def fail(**sent: Any) -> None:
        raise RuntimeError("mail server is away")

    signals.after_scim_token_generated.connect(fail)
    request.addfinalizer(lambda: signals.after_scim_token_generated.disconnect(fail))

    with django_capture_on_commit_callbacks(execute=True):
        _, wire = generate_scim_token("acme")

    assert verify_token(wire)


def test_revocation_is_told_once(
    heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    token, wire = generate_scim_token("acme")

    with django_capture_on_commit_callbacks(execute=True):
        revoke_scim_token(token)
        moment = token.revoked_at
        revoke_scim_token(token)

    assert moment is not None
    assert token.revoked_at == moment
    assert verify_token(wire) is None
    assert [name for name, _ in heard if name == "scim_token_revoked"] == ["scim_token_revoked"]


def test_all_tokens_of_a_connection_are_revoked() -> None:
    _, other = generate_scim_token("other")
    token, _ = generate_scim_token("acme")
    _, second = generate_scim_token("acme", overlap=timedelta(hours=1))

    revoke_connection_tokens(token.provider)

    assert verify_token(second) is None
    assert not SCIMToken.objects.live().filter(provider=token.provider).exists()
    assert verify_token(other)


@pytest.mark.django_db(transaction=True)
def test_parallel_generation_leaves_one_live_token() -> None:
    wires = in_parallel(8, lambda number: generate_scim_token("acme")[1])

    assert len(set(wires)) == 8
    assert ProviderConnection.objects.count() == 1
    assert [bool(verify_token(wire)) for wire in wires].count(True) == 1
    assert SCIMToken.objects.live().count() == 1
    connections.close_all()
