"""The wire form and the storage schemes; nothing here needs a database."""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from django_scim_provider import ciphers
from django_scim_provider.tokens import service
from django_scim_provider.tokens.wire import WireToken, decode, new_secret, store, verify

SECRET = "abcdefgh" + "0123456789" * 4 + "xyz"
PART = st.text(
    st.characters(exclude_characters=":", exclude_categories=["C", "Z"]), min_size=1, max_size=40
)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def flip(text: str) -> str:
    return text[::-1]


def broken(text: str) -> str:
    raise RuntimeError("no key")


def encoded(plain: str | bytes) -> str:
    raw = plain if isinstance(plain, bytes) else plain.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.django_db
def test_one_secret_is_made_for_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted() -> str:
        made.append(new_secret())
        return made[-1]

    monkeypatch.setattr(service, "new_secret", counted)

    _, text = service.generate_scim_token("acme")

    token = decode(text)
    assert token is not None
    assert made == [token.secret]


def test_secret_is_long_and_random() -> None:
    first, second = new_secret(), new_secret()

    assert first != second
    assert len(first) == 8 + 43
    assert set(first) <= set(string.ascii_letters + string.digits)


def test_wire_form_is_base64url_of_the_parts() -> None:
    token = WireToken(SECRET, "acme", "org")

    assert token.encode() == encoded(f"{SECRET}:acme:org")
    assert token.lookup == "abcdefgh"
    assert SECRET not in repr(token)


@given(PART, PART, st.none() | PART)
def test_decode_reverses_encode(secret: str, provider: str, organization: str | None) -> None:
    token = WireToken(secret, provider, organization)

    assert decode(token.encode()) == token


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(encoded(SECRET), id="secret-only"),
        pytest.param(encoded(f"{SECRET}:"), id="empty-provider"),
        pytest.param(encoded(":acme"), id="empty-secret"),
        pytest.param(encoded(f"{SECRET}:acme:"), id="empty-organization"),
        pytest.param(encoded(f"{SECRET}:acme:org:more"), id="four-parts"),
        pytest.param(encoded(f"{SECRET}:acme") + "=", id="padding"),
        pytest.param(encoded(f"{SECRET}:acme") + "\n", id="newline"),
        pytest.param(" " + encoded(f"{SECRET}:acme"), id="blank"),
        pytest.param(encoded(f"{SECRET}:acme") + ",x", id="comma"),
        pytest.param(base64.b64encode(f"{SECRET}:\xff\xfe?>~".encode()).decode(), id="plain-b64"),
        pytest.param(encoded(b"\xff\xfe:acme"), id="no-utf8"),
        pytest.param("a", id="impossible-length"),
        pytest.param(f"{SECRET}:acme", id="not-encoded"),
        pytest.param(encoded(f"{SECRET}:{'a' * 1000}"), id="too-long"),
        pytest.param(encoded(f"s\0ecretaaaa{SECRET}:acme"), id="nul-in-secret"),
        pytest.param(encoded(f"{SECRET}:ac\0me"), id="nul-in-provider"),
        pytest.param(encoded(f"{SECRET}:acme:o\0rg"), id="nul-in-organization"),
        pytest.param(encoded(f"{SECRET}:ac\nme"), id="newline-in-provider"),
        pytest.param(encoded(f"{SECRET}:ac\u202eme"), id="invisible-in-provider"),
        pytest.param(encoded(f"{SECRET}:acme:\x7f"), id="control-in-organization"),
        pytest.param(encoded(f"{SECRET}:{'a' * 256}"), id="long-provider"),
        pytest.param(encoded(f"{SECRET}:acme:{'a' * 256}"), id="long-organization"),
        pytest.param(encoded(f"{SECRET}:acme:o\ud800rg".encode(errors="surrogatepass")), id="half"),
        pytest.param("é" + encoded(f"{SECRET}:acme"), id="no-ascii"),
    ],
)
def test_other_forms_are_no_token(text: str) -> None:
    assert decode(text) is None


def test_only_one_tail_is_accepted() -> None:
    """The last letter carries spare bits, which a lenient decoder ignores."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    wire = encoded(f"{SECRET}:acm")
    assert len(wire) % 4

    accepted = [letter for letter in alphabet if decode(wire[:-1] + letter) == decode(wire)]

    assert accepted == [wire[-1]]


STORAGES = {
    "hashed": "hashed",
    "encrypted": "encrypted",
    "plain": "plain",
    "hash": {"hash": "tests.test_tokens.digest"},
    "encrypt": {"encrypt": "tests.test_tokens.flip", "decrypt": "tests.test_tokens.flip"},
}


@pytest.mark.parametrize("storage", STORAGES.values(), ids=STORAGES)
def test_stored_secret_verifies(scim_settings: Callable[..., None], storage: object) -> None:
    scim_settings(STORE_SCIM_TOKEN=storage)

    stored = store(SECRET)

    assert verify(SECRET, stored)
    assert not verify(SECRET + "x", stored)
    assert not verify("", stored)
    assert (SECRET in stored) == (storage == "plain")


@pytest.mark.parametrize("storage", STORAGES.values(), ids=STORAGES)
def test_stored_secret_outlives_its_scheme(
    scim_settings: Callable[..., None], storage: object
) -> None:
    scim_settings(STORE_SCIM_TOKEN=storage)
    stored = store(SECRET)

    scim_settings(STORE_SCIM_TOKEN="plain" if storage == "hashed" else "hashed")

    assert verify(SECRET, stored)


def test_argon2_costs_come_from_the_settings(settings: Any) -> None:
    settings.SCIM_PROVIDER = {"ARGON2": {"time_cost": 1}}

    assert store(SECRET).startswith("argon2$argon2id$v=19$m=19456,t=1,p=1$")


def test_encrypted_secret_outlives_a_rotation_of_the_key(
    settings: Any, scim_settings: Callable[..., None]
) -> None:
    scim_settings(STORE_SCIM_TOKEN="encrypted")
    stored = store(SECRET)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert verify(SECRET, stored)

    settings.SECRET_KEY_FALLBACKS = []
    assert not verify(SECRET, stored)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "argon2$",
        "argon2$argon2id$nonsense",
        "fernet$nonsense",
        "fernet$\u00e9",
        "unknown$x",
        f"hash$nowhere.at_all${SECRET}",
        f"hash$nodots${SECRET}",
        f"decrypt$tests.test_tokens.broken${SECRET}",
        SECRET,
    ],
)
def test_broken_stored_secret_verifies_nothing(
    stored: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not verify(SECRET, stored)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("storage", ["md5", {"encrypt": "tests.test_tokens.flip"}, {}])
def test_unknown_scheme_stores_nothing(scim_settings: Callable[..., None], storage: object) -> None:
    scim_settings(STORE_SCIM_TOKEN=storage)

    with pytest.raises(ImproperlyConfigured):
        store(SECRET)


def test_encryption_without_its_package_stores_nothing(
    scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    scim_settings(STORE_SCIM_TOKEN="encrypted")
    stored = store(SECRET)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)

    with pytest.raises(ImproperlyConfigured, match="encryption"):
        store(SECRET)
    assert not verify(SECRET, stored)
