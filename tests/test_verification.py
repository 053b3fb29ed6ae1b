"""The memory of proofs, and connections from the settings that clash with stored ones."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any

import argon2
import pytest

from django_scim_provider.models import ProviderConnection
from django_scim_provider.tokens import wire as tokens
from django_scim_provider.tokens.verification import ProofCache, verify_token
from django_scim_provider.tokens.wire import store
from tests.factories import make_connection
from tests.parallel import in_parallel

SECRET = "a-default-secret-of-many-characters"


def wire(provider_id: str) -> str:
    plain = f"{SECRET}:{provider_id}".encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def test_proof_is_bound_to_the_stored_value(hashings: list[str]) -> None:
    cache = ProofCache(10)
    stored = store(SECRET)

    assert cache.proves("token", SECRET, stored)
    assert cache.proves("token", SECRET, stored)
    assert len(hashings) == 1
    assert not cache.proves("token", SECRET, store("another"))
    assert not cache.proves("another token", "another", stored)
    assert len(hashings) == 3


def test_failure_is_not_remembered(hashings: list[str]) -> None:
    cache, stored = ProofCache(10), store(SECRET)

    assert [cache.proves("token", "wrong", stored) for _ in range(2)] == [False, False]
    assert len(hashings) == 2


def test_memory_is_bounded(hashings: list[str]) -> None:
    cache, stored = ProofCache(2), store(SECRET)

    for text in ("one", "two", "three", "three", "two", "one"):
        assert cache.proves(text, SECRET, stored)

    assert len(hashings) == 4


def test_memory_holds_no_token() -> None:
    cache = ProofCache(2)
    cache.proves("the-token", SECRET, store(SECRET))

    assert "the-token" not in str(vars(cache))
    assert SECRET not in str(vars(cache))


@pytest.mark.django_db  # the threads close connections
def test_requests_at_once_hash_once(hashings: list[str]) -> None:
    cache, stored = ProofCache(2), store(SECRET)

    assert all(in_parallel(6, lambda number: cache.proves("token", SECRET, stored)))
    assert len(hashings) == 1


def test_hash_leaves_its_memory_in_no_thread_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, bool]] = []

    def noting(*_: Any) -> bool:
        seen.append((threading.get_ident(), tokens._hashing.locked()))
        return True

    stored = store(SECRET)
    monkeypatch.setattr(argon2.PasswordHasher, "verify", noting)
    here = {thread.ident for thread in threading.enumerate()}

    assert tokens.verify(SECRET, stored)

    ((by, is_alone),) = seen
    assert by not in here
    assert is_alone
    assert by not in {thread.ident for thread in threading.enumerate()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stored", [{"provider_id": "FIXED"}, {"provider_id": "fixed", "organization_id": "org"}]
)
def test_default_connection_never_opens_accounts_of_another(
    scim_settings: Callable[..., None], stored: dict[str, str]
) -> None:
    make_connection(**stored)
    scim_settings(
        DEFAULT_SCIM=[
            {"provider_id": "unrelated", "scim_token": SECRET[::-1]},
            {"provider_id": "fixed", "scim_token": SECRET},
        ]
    )

    assert verify_token(wire("fixed")) is None
    assert ProviderConnection.objects.count() == 1


@pytest.mark.django_db
def test_default_connection_has_no_owner(scim_settings: Callable[..., None]) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": SECRET}])

    verified = verify_token(wire("fixed"))

    assert verified is not None
    assert verified.token_id is None
    assert ProviderConnection.objects.get().owner_id is None
