"""The setting of what observes requests."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.utils.module_loading import import_string

from django_scim_provider.checks.entries import error
from django_scim_provider.conf import SETTING
from django_scim_provider.observability.instruments import NAMED, Instrument


def check_instruments(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``INSTRUMENTS``: classes, or functions that return an instrument."""
    names = list(found.get("INSTRUMENTS", ()))
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield error("E008", f"{SETTING}['INSTRUMENTS'] names {name!r} twice.")
        if name in NAMED:
            yield from _own(name)
        elif "." not in name:
            yield error("E008", f"There is no instrument {name!r}.", _hint(name))
        else:
            yield from _of_the_project(name)


def _own(name: str) -> Iterator[CheckMessage]:
    try:
        import_string(NAMED[name])
    except ImportError as problem:
        hint = f"Install django-scim-provider[{name}]."
        yield error("E008", f"The instrument {name!r} cannot be imported: {problem}.", hint)


def _of_the_project(path: str) -> Iterator[CheckMessage]:
    hint = "A dotted path of a subclass of django_scim_provider.observability.Instrument."
    try:
        found = import_string(path)
    except ImportError as problem:
        yield error("E008", f"The instrument {path!r} cannot be imported: {problem}.", hint)
    else:
        # It is not made here: what registers metrics may be made once only.
        is_class = isinstance(found, type)
        if not callable(found) or (is_class and not issubclass(found, Instrument)):
            yield error("E008", f"{path!r} is not an instrument.", hint)


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name.casefold(), NAMED, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"There are {', '.join(NAMED)}."
