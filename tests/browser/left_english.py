"""Finding texts of ours that stayed English on a page in another language.

A text of up to two words has to be all that stands somewhere, as names of people and of fields at
vendors are English too; of longer ones, a part between placeholders is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babel.messages.mofile import read_mo

from tests.browser.speaking import OURS, kept_words

_HOLE = re.compile(r"%\(\w+\)[sd]|%%|<[^>]*>|[“”„«»\"]")
"""Between these a page shows a text as it is."""
_WORD = re.compile(r"[^\W\d_]{2,}")
SHORT = 2
"""Words; a longer part is looked for anywhere."""


@dataclass(frozen=True, slots=True)
class LeftEnglish:
    """The texts of ours that a language says differently."""

    whole: frozenset[str]
    parts: frozenset[str]

    def among(self, texts: Iterable[str]) -> list[str]:
        """Return the texts of a page that are, or hold, an English one."""
        shown = {_plain(text) for text in texts}
        return sorted(
            text
            for text in shown
            if text.lower() in self.whole or any(part in text for part in self.parts)
        )


def left_english(language: str) -> LeftEnglish:
    """Return what may not stand on a page in a language other than English."""
    with (OURS / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        messages = [message for message in read_mo(file) if message.id]
    translated = [_plain(text) for message in messages for text in _forms(message.string)]
    english = [text for message in messages for text in _forms(message.id)]
    # Vendors' own words, such as the name of a button, stand in translations as they are.
    everything = "\n".join(translated)
    # Other apps come first where they have the text, too.
    kept = {text.lower() for text in (*translated, *kept_words(language))}
    return LeftEnglish(
        whole=frozenset(
            text.lower()
            for text in map(_plain, english)
            if not _HOLE.search(text) and _WORD.search(text) and text.lower() not in kept
        ),
        parts=frozenset(
            part for text in english for part in _parts(text) if part not in everything
        ),
    )


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _parts(text: str) -> Iterator[str]:
    for part in map(_plain, _HOLE.split(text)):
        if len(_WORD.findall(part)) > SHORT:
            yield part


def _plain(text: str) -> str:
    return " ".join(text.split())
