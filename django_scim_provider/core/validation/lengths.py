"""How long a text may be: as it is sent, and as it is compared."""

from __future__ import annotations

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold

GROWTH = 2
"""Characters that one may become on average where a text is folded (``ß`` becomes ``ss``). Columns
of folded texts have room for that."""


def refuse_long(text: str, limit: int, path: str, *, is_folded: bool) -> None:
    """Refuse a text that is longer than ``limit``, or ``GROWTH`` times that where it is folded.

    The sentence counts the characters that the client sent. Nothing is ever cut: a key that lacks
    its end would be found by nobody, or taken for another.

    Raises:
        InvalidValue: naming the attribute by its path.
    """
    if len(text) > limit:
        raise InvalidValue(f"{path} is longer than {limit} characters: it has {len(text)}.")
    if is_folded and not text.isascii():
        refuse_long_key(text, fold(text), GROWTH * limit, path)


def refuse_long_key(text: str, key: str, limit: int, path: str) -> None:
    """Refuse a text whose folded form has no room in its column; raises as ``refuse_long``."""
    if len(key) > limit:
        raise InvalidValue(
            f"{path} is too long: its {len(text)} characters are {len(key)} in the form without "
            f"case that is compared, which may have {limit}."
        )
