"""Stand-ins for the texts of a filter, so that its SQL can be kept and filled with other texts.

What is made of a stand-in, such as its length or a pattern, remembers how it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self, TypeAlias

Make: TypeAlias = Callable[[Sequence[str]], Any]
"""Makes a parameter of the texts that a statement is filled with."""
_FIRST = 0xE000
"""The first of the characters for private use: no two stand-ins are the same text."""


class PlacedText(str):
    """A text that stands for one that is made of others."""

    make: Make

    @classmethod
    def of(cls, text: str, make: Make) -> Self:
        """Return a text and how to make it."""
        made = cls(text)
        made.make = make
        return made


class PlacedNumber(int):
    """A number that stands for one that is made of texts."""

    make: Make

    @classmethod
    def of(cls, number: int, make: Make) -> Self:
        """Return a number and how to make it."""
        made = cls(number)
        made.make = make
        return made


def stand_in(number: int, length: int, last: str = "", middle: str = "x") -> PlacedText:
    """Return what stands for the text of that number; ``last`` is how it ends."""
    text = (chr(_FIRST + number) + middle * (length - 1 - len(last)) + last) if length else ""
    return PlacedText.of(text, lambda texts: texts[number])


def made_of(text: str, how: Callable[[str], Any]) -> Any:
    """Return what a function makes of a text; of a stand-in, another one."""
    made = how(text)
    if not isinstance(text, PlacedText):
        return made
    make = text.make
    if isinstance(made, str):
        return PlacedText.of(made, lambda texts: how(make(texts)))
    return PlacedNumber.of(made, lambda texts: how(make(texts))) if isinstance(made, int) else made


def made_of_all(held: Any, how: Callable[[Any], str]) -> str:
    """Return the same of dicts and lists that hold texts."""
    made = how(held)
    if not any(isinstance(each, PlacedText) for each in _leaves(held)):
        return made
    return PlacedText.of(made, lambda texts: how(_filled(held, texts)))


def _leaves(held: Any) -> Iterator[Any]:
    if isinstance(held, dict | list):
        for each in held.values() if isinstance(held, dict) else held:
            yield from _leaves(each)
    else:
        yield held


def _filled(held: Any, texts: Sequence[str]) -> Any:
    if isinstance(held, dict):
        return {name: _filled(each, texts) for name, each in held.items()}
    if isinstance(held, list):
        return [_filled(each, texts) for each in held]
    return held.make(texts) if isinstance(held, PlacedText) else held


def makers(parameters: Iterable[Any]) -> list[tuple[int, Make]]:
    """Return the places of stand-ins among parameters, and how to make what goes there."""
    return [
        (place, each.make)
        for place, each in enumerate(parameters)
        if isinstance(each, PlacedText | PlacedNumber)
    ]
