"""The context manager of the project's that all work for one connection is done in.

It is where a project chooses a schema (django-tenants), a scope (django-scopes), or the tenant that
row security of the database goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.store_context import StoreContext

First = TypeVar("First")
More = ParamSpec("More")
Result = TypeVar("Result")
Work: TypeAlias = Callable[Concatenate[First, More], Result]


class _PassingExceptions(AbstractContextManager[None]):
    """The project's own, which sees an exception and cannot swallow it.

    If it could, there would be no answer.
    """

    def __init__(self, manager: AbstractContextManager[Any]) -> None:
        self._manager = manager

    def __enter__(self) -> None:
        self._manager.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._manager.__exit__(kind, exc, traceback)


def entered(context: StoreContext) -> AbstractContextManager[None]:
    """Return what ``REQUEST_CONTEXT`` makes for the connection, or what does nothing."""
    path = get_settings().REQUEST_CONTEXT
    if path is None:
        return nullcontext()
    return _PassingExceptions(import_string(path)(context.for_project()))


def inside(
    context_of_first: Callable[[First], StoreContext],
) -> Callable[[Work[First, More, Result]], Work[First, More, Result]]:
    """Return a decorator for work on one connection; its first argument says on which."""

    def decorate(work: Work[First, More, Result]) -> Work[First, More, Result]:
        @wraps(work)
        def wrapped(first: First, /, *args: More.args, **kwargs: More.kwargs) -> Result:
            with entered(context_of_first(first)):
                return work(first, *args, **kwargs)

        return wrapped

    return decorate
