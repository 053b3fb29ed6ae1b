"""Who asks the database: the app, a test, or a package on its own."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import django
import django_filters
import rest_framework

import django_scim_provider

PACKAGE = str(Path(django_scim_provider.__file__).parent) + "/"
DJANGO = str(Path(django.__file__).parent) + "/"
_CARRIERS = (
    DJANGO,
    *(str(Path(str(module.__file__)).parent) + "/" for module in (rest_framework, django_filters)),
    str(Path(__file__).parent / "watching") + "/",
)
"""They do what the code that calls them asks for."""
_ROWS = PACKAGE + "models/"
"""Models save what others give them, who are asked for it."""
_PAGES = tuple(
    PACKAGE + room + "/"
    for room in ("admin", "insight", "management", "portal", "rest/management_api", "selfcheck")
)
"""What people open: it may take long on MongoDB."""
_MECHANISMS = tuple(
    PACKAGE + "storage/" + part
    for part in (
        *("sql/running.py", "sql/statements/", "sql/vendors/", "transactions/"),
        "operation_clock.py",
    )
)
"""They do what other code of the app asks for, which is named if there is any."""
_MIGRATING = DJANGO + "db/migrations/executor.py"
_APPS = DJANGO + "contrib/"
_REQUEST = DJANGO + "core/handlers/base.py"
_STANDARD = sysconfig.get_path("stdlib") + "/"


class _Kind(Enum):
    OURS = 1
    CARRIER = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the app."""

    file: str
    """Relative to the folder of the package."""
    line: int
    function: str
    is_page: bool
    """Does it serve a page for people, or a command?"""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.function}()"


@cache
def _kind(file: str) -> _Kind:
    if file.startswith(PACKAGE + "migrations/"):
        return _Kind.OTHER
    if file.startswith(PACKAGE):
        return _Kind.CARRIER if file.startswith(_ROWS) else _Kind.OURS
    if _is_standard(file) or file.startswith((*_CARRIERS, "<")):
        return _Kind.CARRIER
    return _Kind.OTHER


def _is_standard(file: str) -> bool:
    return file.startswith(_STANDARD) and "site-packages" not in file


def is_own(model: type[Any] | None) -> bool | None:
    """Tell whether a model is the app's; None for none."""
    return None if model is None else model.__module__.startswith("django_scim_provider.")


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back


def place_of_ours(*, own_rows: bool | None = None) -> Place | None:
    """Return the line of the app that asks for what is going on; None where somebody else does.

    That is the innermost frame which is neither of Django nor of what carries it on; migrations
    are nobody's. ``own_rows`` tells whether a query is about rows of the app: what a page that
    Django renders asks of them is the app's too, and what an app of Django's asks of others is not.
    """
    found: FrameType | None = None
    is_page = is_request = decided = False
    for frame in _frames():
        file = frame.f_code.co_filename
        if file == _MIGRATING:
            return None
        if own_rows is False and not decided and file.startswith(_APPS):
            return None
        is_page = is_page or file.startswith(_PAGES)
        is_request = is_request or (file == _REQUEST and not decided)
        if decided or (kind := _kind(file)) is _Kind.CARRIER:
            continue
        if kind is _Kind.OURS:
            found = frame
        # Beneath a mechanism the next frame of the app is wanted, if nobody else stands between.
        decided = kind is _Kind.OTHER or not file.startswith(_MECHANISMS)
    if found is not None:
        return Place(_file(found), found.f_lineno, found.f_code.co_name, is_page=is_page)
    return Place("(rendering)", 0, "render", is_page=True) if own_rows and is_request else None


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename.removeprefix(PACKAGE)


def caller(*between: str) -> str:
    """Return the file that calls, relative to the app; else its full name.

    ``between`` are files of Django that stand between the caller and what is called.
    """
    for frame in _frames():
        file = frame.f_code.co_filename
        is_between = _is_standard(file) or file.startswith(_CARRIERS[-1]) or file in between
        if not is_between:
            return _file(frame)
    return ""
