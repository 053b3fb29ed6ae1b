"""The tokens of filter expressions (RFC 7644 section 3.4.2.2), in one linear pass."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

from django_scim_provider.core.errors import InvalidFilter

# The longest filters known are of a few hundred characters. The caps hold for the whole tree: what
# one SQL statement has to answer.
MAX_LENGTH = 4096
MAX_TERMS = 64
MAX_DIGITS = 64

# Each alternative is decided by its first character and repeats no group that can match in two
# ways: no text makes the pattern go back. The look-ahead keeps ``2fa`` one word, which would
# otherwise be the number 2 and a word.
_TOKEN = re.compile(
    r"""
    (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w:.$-]))
    | (?P<word>[\w.$:/-]+)
    | (?P<mark>[()\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_JOINING = frozenset({"and", "or"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. ``kind`` is ``string``, ``number``, ``word`` or the mark itself."""

    kind: str
    text: str
    value: str | int | float | None = None

    def is_word(self, word: str) -> bool:
        """Tell whether it is a word, in any case."""
        return self.kind == "word" and self.text.lower() == word


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a filter.

    Raises:
        InvalidFilter: the text is too long, has too many terms, or something in it is not a token.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidFilter(f"The filter is longer than {MAX_LENGTH} characters.")
    tokens: list[Token] = []
    position, terms = 0, 1
    while position < len(text):
        if text[position] in " \t":
            position += 1
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            raise InvalidFilter(f"Unexpected {text[position : position + 20]!r} in the filter.")
        token = _token(found)
        terms += token.kind == "word" and token.text.lower() in _JOINING
        tokens.append(token)
        position = found.end()
    if not tokens:
        raise InvalidFilter("The filter is empty.")
    if terms > MAX_TERMS:
        raise InvalidFilter(f"The filter has more than {MAX_TERMS} terms.")
    return tokens


def _token(found: re.Match[str]) -> Token:
    text = found.group()
    if found.lastgroup == "string":
        return Token("string", text, _string(text))
    if found.lastgroup == "number":
        return Token("number", text, _number(text))
    return Token("word" if found.lastgroup == "word" else text, text)


def _string(text: str) -> str:
    """Return what a JSON string says; control characters in it have to be escaped (RFC 8259)."""
    try:
        value = json.loads(text)
        # A lone surrogate is a str for Python, but no UTF-8, so no database takes it.
        value.encode()
    except ValueError as error:
        raise InvalidFilter("A text in the filter is not a valid JSON string.") from error
    # PostgreSQL refuses it in a parameter, which would be a fault of ours.
    if "\x00" in value:
        raise InvalidFilter("A text in the filter holds a NUL character.")
    return str(value)


def _number(text: str) -> int | float:
    # Before it is converted: the time for an integer grows with the square of its digits.
    if len(text) > MAX_DIGITS:
        raise InvalidFilter("A number in the filter is too long.")
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidFilter(f"{text!r} is not a JSON number.") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidFilter(f"{text!r} is out of range.")
    # SQL's largest integer; PostgreSQL and SQLite fail beyond it.
    if isinstance(value, int) and abs(value) >= 2**63:
        raise InvalidFilter(f"{text!r} is out of range.")
    return value  # type: ignore[no-any-return]  # json gives int or float for a number's text
