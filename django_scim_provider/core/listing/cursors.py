"""Cursors of RFC 9865: signed keyset positions.

A cursor says where the last page ended, for which query, of which size, and until when it may be
used. It holds no state on the server. The text is unreserved in URLs (RFC 3986 section 2.3).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import orjson

from django_scim_provider.core.errors import ExpiredCursor, InvalidCount, InvalidCursor
from django_scim_provider.core.stores import Position

# 128 bits of HMAC-SHA256 (RFC 2104 section 5 allows half of the digest): a cursor stands in URLs,
# so short is good.
_SIGNATURE_BYTES = 16
MAX_CURSOR_LENGTH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorKey:
    """What signs cursors, and binds them to one connection."""

    secret: bytes
    tenant: str
    lifetime: int
    """Seconds that a cursor may be used."""

    def sign(self, payload: bytes) -> bytes:
        """Return the signature of a payload for this connection."""
        # The connection is signed and not carried: the cursor of one tenant does not verify for
        # another. NUL ends the id, so that no id and payload together read as those of another.
        message = self.tenant.encode() + b"\x00" + payload
        return hmac.new(self.secret, message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def fingerprint(*parts: str | None) -> str:
    """Return a short digest of the query that a cursor belongs to."""
    joined = orjson.dumps(parts)
    # 72 bits tell queries apart; the signature is what protects them. Nine bytes need no padding.
    return base64.urlsafe_b64encode(hashlib.sha256(joined).digest()[:9]).decode()


@dataclass(frozen=True, slots=True)
class Start:
    """Where a cursor starts: the position, the page size, and the total that was counted first."""

    position: Position | None
    """None for the beginning of the list."""
    page_size: int
    total: int | None = None
    part: str | None = None
    """Which list it is, where the query has several."""


def encode(start: Start, *, query: str, now: int, key: CursorKey) -> str:
    """Return the cursor that starts there. ``now`` is seconds since the epoch."""
    # A list, not an object: shorter, and read by nobody else.
    position = start.position
    place = (None, None) if position is None else (position.id, position.key)
    held = [now + key.lifetime, query, start.page_size, start.total, *place]
    if start.part is not None:
        held.append(start.part)
    payload = orjson.dumps(held)
    return base64.urlsafe_b64encode(key.sign(payload) + payload).decode().rstrip("=")


def decode(cursor: str, *, query: str, count: int | None, now: int, key: CursorKey) -> Start:
    """Return where a cursor starts. ``count`` is the page size that the request asks for, if any.

    Raises:
        InvalidCursor: it was not made here, or not for this connection and query.
        ExpiredCursor: its time is over.
        InvalidCount: the page size differs from the one that the cursor was made for.
    """
    # Nothing of the text is read before its signature is known to be ours.
    expires, made_for, page_size, total, id, sort_key, *part = orjson.loads(_verified(cursor, key))
    if made_for != query:
        raise InvalidCursor()
    # After the query: a foreign cursor is invalid, however old it is.
    if now > expires:
        raise ExpiredCursor()
    # RFC 9865 section 2.1 has invalidCount for a count that does not fit the cursor.
    if count is not None and count != page_size:
        raise InvalidCount(f"The cursor was made for pages of {page_size}; count cannot change.")
    position = None if id is None else Position(id, sort_key)
    return Start(position, page_size, total, part[0] if part else None)


def _verified(cursor: str, key: CursorKey) -> bytes:
    if len(cursor) > MAX_CURSOR_LENGTH or not cursor.isascii():
        raise InvalidCursor()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InvalidCursor() from error
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, key.sign(payload)):
        raise InvalidCursor()
    return payload
