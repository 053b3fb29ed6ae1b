"""``extend_schema`` of drf-spectacular where that is installed, else a decorator that does
nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

try:
    from drf_spectacular.utils import extend_schema
except ImportError:  # pragma: no cover - the extra "openapi" is not installed

    def extend_schema(**_: Any) -> Callable[[F], F]:  # type: ignore[no-redef]  # stands for it
        """Return a decorator that leaves the view as it is."""
        return lambda view: view


__all__ = ["extend_schema"]
