"""Where code of the project's is: what raised, what wrote, and what was overridden."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from types import FrameType, FunctionType, TracebackType
from typing import Any

from django_scim_provider.conf import get_settings

_FRAMEWORK = frozenset(
    {"django_scim_provider", "django", "rest_framework", "orjson", "__main__", "manage"}
)
_INSTALLED = ("site-packages", "dist-packages")
_BENEATH = ("django_scim_provider.rest.", "django_scim_provider.connections.recordings.")
"""Behind these frames is who asks, and no more who writes."""


def place_of(error: BaseException) -> str:
    """Return the innermost function of the project's that an exception came through.

    Where it came through none, the function that raised it.
    """
    frames: list[FrameType] = []
    for each in _chain(error):
        frames = list(_frames(each.__traceback__))
        for frame in reversed(frames):
            if _is_of_project(frame):
                return f"{_dotted(frame)} (line {_line(each.__traceback__, frame)})"
    return _dotted(frames[-1]) if frames else type(error).__qualname__


def place_of_caller() -> str:
    """Return the innermost function of the project's that led here; empty where none did."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(_BENEATH):
            return ""
        if _is_of_project(frame):
            return f"{_dotted(frame)} (line {frame.f_lineno})"
        frame = frame.f_back
    return ""


def place_of_method(owner: Any, name: str) -> str:
    """Return the path of a method where the project wrote it, else that of the class."""
    owner = owner.func if isinstance(owner, partial) else owner
    if isinstance(owner, FunctionType):
        return f"{owner.__module__}.{owner.__qualname__}"
    kind = owner if isinstance(owner, type) else type(owner)
    for each in kind.__mro__:
        if name in vars(each) and not each.__module__.startswith("django_scim_provider."):
            return f"{each.__module__}.{each.__qualname__}.{name}"
    return f"{kind.__module__}.{kind.__qualname__}"


def sentence_of(error: BaseException) -> str:
    """Return the kind of an exception and what it says."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what it was raised for, the original one last."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _line(traceback: TracebackType | None, frame: FrameType) -> int:
    """Return the line of a frame at the time of the exception."""
    found = 0
    while traceback is not None:
        found = traceback.tb_lineno if traceback.tb_frame is frame else found
        traceback = traceback.tb_next
    return found


def _dotted(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}"


def _is_of_project(frame: FrameType) -> bool:
    top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if top in _FRAMEWORK or top in sys.stdlib_module_names:
        return False
    installed = any(part in frame.f_code.co_filename for part in _INSTALLED)
    return not installed or top in _named()


def _named() -> set[str]:
    """Return the packages that the settings name: a project may be installed as one."""
    settings = get_settings()
    paths = [settings.ADAPTER, settings.USER_STORE, settings.GROUP_STORE, *settings.RESOURCE_TYPES]
    paths += [path for listed in settings.EXTENSIONS.values() for path in listed]
    return {path.partition(".")[0] for path in paths}
