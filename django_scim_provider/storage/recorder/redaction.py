"""Taking secrets out of what is kept of a request and its answer.

Whatever is named like a secret goes, wherever it stands: a key of JSON, the path of a PATCH
operation, an attribute in a filter. What is no JSON is not kept at all, as nobody can tell what is
in there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

REMOVED = "(removed)"
"""Stands for a value that is not kept."""
MAX_DEPTH = 200
"""Bodies of requests are never nested deeper; what is, goes."""
_SECRET = re.compile(
    r"pass(word|wort|wd|phrase|code)|pwd|kennwort|secret(?!ar)|token|credential|authorization"
    r"|(api|private|access|shared|signing|encryption|recovery|backup)[-_. ]?(key|code)"
    r"|\b(pin|otp|totp|mfa|cvv|cvc|pass|pw)\b|cookie|session|bearer|\bjwt\b",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
"""Where a name has its next word: ``userPin``, ``user_pin``."""
_TELLTALE = re.compile(
    r"(?i:bearer)\s+[\w+/=.~-]{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*-----)?"
    r"|(?<=://)[^\s/@:]{1,128}:[^\s/@]{1,512}(?=@)"
)
"""What is a secret by its looks, whatever it is called: a header, a JWT, a key, a URL with both."""
_NAMING = frozenset({"path", "name", "key", "attribute", "type"})
"""Keys whose text may say what the value beside it is."""
_VALUE = re.compile(r"\$?(new|old)?_?values?", re.IGNORECASE)
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"?')
_FILTER = re.compile(
    r'(?:\s*(?:[()\[\]"]|(?:not|and|or)\b|\.?[\w.:$-]+(?=\s*\[|$)'
    r"|[\w.:$-]+\s+(?:pr\b|(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+(?:\"|true\b|false\b|null\b))))*\s*",
    re.IGNORECASE,
)
"""A path or filter whose literals are ``"``: what is none of both may hold a value anywhere."""
_HEADERS = frozenset(
    {
        *("accept", "content-length", "content-location", "content-type", "etag", "if-match"),
        *("if-none-match", "location", "retry-after", "user-agent", "x-request-id"),
    }
)
"""All that is kept of headers, by name; none of them proves who asks."""
_TEXTS = frozenset({"filter", "path"})
"""Keys and parameters whose texts are filters, or hold some."""
_MIN_ECHO = 3
"""Characters of a removed text from which on it is looked for in other texts."""
_MIN_DIGITS = 4
"""The same of a number, which others are more likely to have."""
MOST_ECHOES = 32
"""Removed texts that are looked for: each is looked for in each text that is kept."""


class Redaction:
    """Takes the secrets out of one exchange; an answer may repeat what its request said.

    ``names`` are attributes that are never returned, in any case.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(name.lower() for name in names)
        self._removed: set[str] = set()

    @property
    def is_overfull(self) -> bool:
        """Tell whether more was removed than is looked for, so that an answer may repeat some."""
        return len(self._removed) > MOST_ECHOES

    def headers(self, sent: Mapping[str, Any]) -> dict[str, str]:
        """Return the headers that may be kept."""
        return {
            name: self._without_echo(str(value))
            for name, value in sent.items()
            if name.lower() in _HEADERS
        }

    def parameters(self, sent: Mapping[str, Any]) -> dict[str, str]:
        """Return the parameters of a query."""
        return {
            name: self._remove(value) if self.is_secret(name) else self._filter(str(value))
            for name, value in sent.items()
        }

    def forget(self, text: str) -> None:
        """Take a secret out wherever a text repeats it."""
        self._remove(text)

    def body(self, value: Any) -> Any:
        """Return a JSON value; the request's comes before the answer's."""
        self._value(value, 0)  # what is removed at its end may stand at its beginning as well
        return self._value(value, 0)

    def is_secret(self, name: str) -> bool:
        """Tell whether an attribute, by its name or path, holds what is not kept."""
        plain = _without_disguise(name)
        if _SECRET.search(plain) or _SECRET.search(_HUMP.sub(" ", plain)):
            return True
        words = re.split(r"[.:\[\]\s]+", plain.lower())
        return plain.lower() in self._names or not self._names.isdisjoint(words)

    def _value(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return REMOVED
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list):
            return [self._value(each, depth + 1) for each in value]
        if isinstance(value, str):
            return self._without_echo(value)
        return REMOVED if _is_number(value) and str(value) in self._removed else value

    def _object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        # Of two keys that differ in case alone, nobody knows which one a server takes.
        naming = [
            each
            for name, each in value.items()
            if name.lower() in _NAMING and isinstance(each, str)
        ]
        is_secret = any(self.is_secret(each) for each in naming)
        kept: dict[str, Any] = {}
        for name, each in value.items():
            if self.is_secret(name) or (is_secret and _VALUE.fullmatch(name)):
                kept[self._without_echo(name)] = self._remove(each)
            elif isinstance(each, str) and name.lower() in _TEXTS:
                kept[name] = self._filter(each)
            else:
                kept[self._without_echo(name)] = self._value(each, depth + 1)
        return kept

    def _remove(self, value: Any) -> str:
        """Forget a value, but for finding it where an answer repeats it."""
        found = [value]
        while found:
            each = found.pop()
            if isinstance(each, str) and len(each) >= _MIN_ECHO and each != REMOVED:
                self._removed.add(each)
            elif _is_number(each) and len(str(each)) >= _MIN_DIGITS:
                self._removed.add(str(each))
            elif isinstance(each, dict):
                found += each.values()
            elif isinstance(each, list):
                found += each
        return REMOVED

    def _filter(self, text: str) -> str:
        """Return a filter; one that names a secret goes without what it compares with."""
        if not self.is_secret(text):
            return self._without_echo(text)
        for literal in _LITERAL.findall(text):
            self._remove(literal.strip('"'))
        if not _FILTER.fullmatch(_LITERAL.sub('"', text)):
            return REMOVED
        return _LITERAL.sub(f'"{REMOVED}"', text)

    def _without_echo(self, text: str) -> str:
        if text in self._removed:
            return REMOVED
        # The longest first: of a secret that another one begins with, the rest would stay.
        for each in () if self.is_overfull else sorted(self._removed, key=len, reverse=True):
            text = text.replace(each, REMOVED)
        return _TELLTALE.sub(REMOVED, text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _without_disguise(name: str) -> str:
    """Return a name in plain letters, without characters that nobody sees."""
    if name.isascii():
        return name
    plain = unicodedata.normalize("NFKC", name)
    return "".join(each for each in plain if unicodedata.category(each) != "Cf")
