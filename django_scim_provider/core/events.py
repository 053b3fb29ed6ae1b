"""What events say of a change: names of attributes; and events that wait to be written together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource


@dataclass(slots=True, eq=False)
class EventBatch:
    """Events of one transaction, in their order, until it writes them at its end.

    They hold in memory what a killed process forgets together with the changes.
    """

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    started: float | None = field(default_factory=time.perf_counter)
    """When the operation at hand began, by ``time.perf_counter()``; None: nobody asks how long it
    takes."""

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget what was added in the block when it raises: the changes are undone as well."""
        before = len(self.rows)
        try:
            yield
        except BaseException:
            del self.rows[before:]
            raise

    def next_operation(self) -> None:
        """Measure from now on."""
        self.started = time.perf_counter()

    def clear(self) -> None:
        """Begin again, for another try of the transaction."""
        self.rows.clear()
        self.next_operation()


def attribute_names(resource: Resource) -> set[str]:
    """Return the names of the attributes of a canonical resource, as ``changed_names`` does."""
    return changed_names({}, resource)


def changed_names(before: Resource, after: Resource) -> set[str]:
    """Return the names of the attributes that differ between two canonical resources.

    Those of extensions are qualified, such as ``urn:...:2.0:User:department``. All are names of
    schemas: a canonical resource holds no others. ``schemas`` follows from them and is left out.
    """
    found: set[str] = set()
    for name in before.keys() | after.keys():
        held, new = before.get(name), after.get(name)
        if held == new or name == "schemas":
            continue
        if ":" in name:  # an extension
            found |= {f"{name}:{key}" for key in changed_names(held or {}, new or {})}
        else:
            found.add(name)
    return found
