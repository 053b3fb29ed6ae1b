"""What a change may cost, and how large what it leaves may be: caps that hold on every write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from django_scim_provider.core.errors import InvalidValue, PayloadTooLarge, TooMany
from django_scim_provider.core.schemas.definitions import Resource

BYTES_OF_A_STEP = 128
"""A value counts one step more for each of these, where it is compared or written."""
FREE_ROUNDS = 20
"""How often a PATCH may look at every value that is stored, beside its steps: a group of any size
takes some operations that look at each member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLimits:
    """The caps; each is the setting of the same name in capitals."""

    max_attribute_values: int = 1000
    """Values of a multi-valued attribute, save those of a relation such as ``members``."""
    max_patch_operations: int = 1000
    """Operations of a PATCH; each key of a value without path counts as one."""
    max_patch_steps: int = 50_000
    """Values that the operations of one PATCH look at or change together."""
    max_resource_size: int = 1024 * 1024
    """Bytes of a resource as JSON, without its relation."""


DEFAULT_LIMITS = WriteLimits()


@dataclass(slots=True)
class Budget:
    """What one PATCH may still do: operations by their number, and steps inside attributes.

    Without it a short body could ask for every value of a large attribute a thousand times over.
    """

    limits: WriteLimits
    operations: int = 0
    steps: int = 0
    free_steps: int = 0

    def take_operations(self, number: int) -> None:
        """Count operations.

        Raises:
            TooMany: there are more than allowed.
        """
        self.operations += number
        if self.operations > self.limits.max_patch_operations:
            raise TooMany(
                f"A PATCH may have at most {self.limits.max_patch_operations} operations, each "
                "key of a value without path counting as one (MAX_PATCH_OPERATIONS)."
            )

    def take_steps(self, number: int) -> None:
        """Count steps.

        Raises:
            TooMany: there are more than allowed.
        """
        self.steps += number
        if self.steps > self.limits.max_patch_steps + self.free_steps:
            raise TooMany(
                "The operations look at too many values of a multi-valued attribute together: more "
                f"than {self.limits.max_patch_steps} (MAX_PATCH_STEPS); send them in parts."
            )

    def open(self, stored: int) -> None:
        """Let each of so many stored values be looked at for some rounds."""
        # In proportion to what is stored: a fixed number would forbid large groups any filter.
        self.free_steps += FREE_ROUNDS * stored


_GROWING = {
    "\ufdfa".encode(): 30,
    "\ufdfb".encode(): 12,
    "\u3300".encode()[:2]: 12,  # U+3300 to U+333F
    "\u3340".encode()[:2]: 12,  # U+3340 to U+337F
}
"""Signs that stand for whole words, and the bytes by which they grow where they are folded for
filters (NFKC); any other grows to four times its length at most."""


def weight(value: Any) -> int:
    """Return how many steps it takes to read or write a JSON value once."""
    # By its bytes, since one long text takes as long to compare as many short ones.
    return 1 + len(orjson.dumps(value)) // BYTES_OF_A_STEP


def check_size(
    resource: Resource,
    limits: WriteLimits,
    relation: str | None,
    before: Callable[[], Resource] = dict,
) -> None:
    """Refuse a resource that is too large, unless it was so before and does not grow.

    What was stored under a higher cap can still be deactivated. ``before`` returns what is stored,
    and is called only where a cap is exceeded.

    Raises:
        InvalidValue: an attribute has more values than allowed.
        PayloadTooLarge: the resource has more bytes than allowed.
    """
    size, most = _size(resource, relation), limits.max_attribute_values
    # A value has two bytes with its comma: what is small cannot have too many, and is not searched.
    for name, number in _lengths(resource, relation) if size > 2 * most else ():
        # A lowered cap must not keep anybody active: closing an account is a write as well.
        if number > most and number > dict(_lengths(before(), relation)).get(name, 0):
            raise InvalidValue(
                f"{name} may have at most {most} values (MAX_ATTRIBUTE_VALUES), not {number}."
            )
    most = limits.max_resource_size
    if size > most and size > _size(before(), relation):
        raise PayloadTooLarge(
            f"The resource would have {size} bytes; at most {most} are stored (MAX_RESOURCE_SIZE)."
        )


def _lengths(resource: Resource, relation: str | None) -> Iterator[tuple[str, int]]:
    """Yield how many values each list has: of attributes, of extensions, of complex attributes."""
    for name, value in resource.items():
        if isinstance(value, list):
            if name not in ("schemas", relation):
                yield name, len(value)
        elif isinstance(value, dict):
            mark = ":" if ":" in name else "."
            yield from ((f"{name}{mark}{sub}", number) for sub, number in _lengths(value, None))


def _size(resource: Resource, relation: str | None) -> int:
    apart = {"id", "meta", relation}
    # Booleans do not count: "false" is longer than "true", and nobody must stay active for that.
    counted = {
        name: held
        for name, held in resource.items()
        if name not in apart and not isinstance(held, bool)
    }
    text = orjson.dumps(counted)
    if text.isascii():
        return len(text)
    # The folded document is stored too, and these few signs would make it far larger.
    return len(text) + sum(more * text.count(sign) for sign, more in _GROWING.items())
