"""Keys of failures follow from what failed."""

from __future__ import annotations

from django_scim_provider.storage.failures.recording import _Told


def told(subject: str) -> _Told:
    return _Told(subject, "", "userName", ("", ""), "uniqueness")


def test_same_failure_has_the_same_key() -> None:
    keys = {told(subject).key(connection) for subject in "ab" for connection in ("acme", "globex")}

    assert len(keys) == 4
    assert told("a").key("acme") == told("a").key("acme")


def test_each_database_stores_the_keys() -> None:
    """Of version 8, MariaDB 10.11 refuses one in 64."""
    assert {told(str(number)).key("acme").version for number in range(300)} == {5}
