"""Cursors (RFC 9865)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from django_scim_provider.core.errors import ExpiredCursor, InvalidCount, InvalidCursor
from django_scim_provider.core.listing.cursors import CursorKey, Start, decode, encode, fingerprint
from django_scim_provider.core.stores import Position

KEY = CursorKey(secret=b"k" * 32, tenant="acme", lifetime=60)
START = Start(Position("id-1", "böb"), 50, 1234)
QUERY = fingerprint("User", 'userName sw "b"')


def made(key: CursorKey = KEY) -> str:
    return encode(START, query=QUERY, now=1000, key=key)


def test_cursor_leads_back_to_its_position() -> None:
    assert decode(made(), query=QUERY, count=50, now=1060, key=KEY) == START


def test_cursor_needs_no_escaping_in_a_url() -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", made())


def test_count_may_be_left_out() -> None:
    assert decode(made(), query=QUERY, count=None, now=1000, key=KEY).page_size == 50


def test_old_cursor_is_expired() -> None:
    with pytest.raises(ExpiredCursor):
        decode(made(), query=QUERY, count=50, now=1061, key=KEY)


def test_other_page_size_is_refused() -> None:
    with pytest.raises(InvalidCount):
        decode(made(), query=QUERY, count=51, now=1000, key=KEY)


def test_other_query_is_refused() -> None:
    other = fingerprint("User", 'userName sw "c"')
    with pytest.raises(InvalidCursor):
        decode(made(), query=other, count=50, now=1000, key=KEY)


def test_cursor_of_another_connection_is_refused() -> None:
    foreign = made(replace(KEY, tenant="evil"))
    with pytest.raises(InvalidCursor):
        decode(foreign, query=QUERY, count=50, now=1000, key=KEY)


@pytest.mark.parametrize("text", ["x", "AAAA", "é", "a" * 5000, "!!!!", made()[:-2], "A" + made()])
def test_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        decode(text, query=QUERY, count=50, now=1000, key=KEY)


def test_fingerprint_tells_absent_from_empty() -> None:
    assert fingerprint("User", None) != fingerprint("User", "")
