"""What is worked out from a client's text is remembered where the text is short."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar

ENTRIES = 1024
MAX_LENGTH = 256
"""Characters of a text that is remembered; directories' filters and paths have under 100."""

P = ParamSpec("P")
T = TypeVar("T")


def remembered(function: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Cache a function of a text and other hashable arguments.

    What long texts become is made anew each time: keeping it would let clients fill the memory.
    """
    # Directories repeat themselves: a reconciliation sends the same PATCH paths for each of its
    # people. The results are immutable trees, so that they can be shared among requests and
    # tenants.
    cached: Callable[..., Any] = lru_cache(maxsize=ENTRIES)(function)

    def answer(text: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if len(text) > MAX_LENGTH:
            return function(text, *args, **kwargs)
        found: T = cached(text, *args, **kwargs)
        return found

    answer.__doc__ = function.__doc__
    return answer
