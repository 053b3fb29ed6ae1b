"""Methods of stores that are one transaction each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import in_transaction


class Writer(Protocol):
    """Whose methods write: a store."""

    @property
    def context(self) -> StoreContext:
        """Return whose resources it writes."""


Own = TypeVar("Own", bound=Writer)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def transactional(
    method: Callable[Concatenate[Own, Parameters], Result],
) -> Callable[Concatenate[Own, Parameters], Result]:
    """Run a method in one transaction, and all of it again when the database asks.

    So it keeps nothing of an earlier try; see ``in_transaction``.
    """

    @wraps(method)
    def run(self: Own, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        work = partial(method, self, *args, **kwargs)
        return in_transaction(self.context.using, self.context.provider_id, work)

    return run
