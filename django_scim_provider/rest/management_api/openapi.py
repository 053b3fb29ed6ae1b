"""``extend_schema`` of drf-spectacular, or without it a decorator that does nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def _ignored(**_: Any) -> Callable[[F], F]:
    """Return a decorator that leaves the view as it is."""
    return lambda view: view


try:
    from drf_spectacular.utils import extend_schema as _extend_schema
except ImportError:  # pragma: no cover - the extra "openapi" is not installed
    extend_schema: Callable[..., Callable[[F], F]] = _ignored
else:
    extend_schema = _extend_schema
