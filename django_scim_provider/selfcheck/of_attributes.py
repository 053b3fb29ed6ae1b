"""Declared attributes: kept, shown, found, sorted, changed and unset as ``/Schemas`` says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django_scim_provider.core.schemas.definitions import Attribute, Resource, Target
from django_scim_provider.selfcheck.checked_connection import (
    CheckedConnection,
    TakenStep,
    unexpected,
)
from django_scim_provider.selfcheck.invented_values import differences, one_of, value_of
from django_scim_provider.selfcheck.of_users import patch_of
from django_scim_provider.selfcheck.told_faults import ToldFault

_FILTERED = ("string", "boolean", "integer", "decimal", "dateTime", "reference")


@dataclass(frozen=True, slots=True)
class Carrier:
    """The resources that carry an attribute, and where they are declared."""

    checked: CheckedConnection
    endpoint: str
    new: Callable[[], Resource]
    """Returns another resource each time, with what is required."""
    where: str
    """The dotted path of the declaration."""
    sorts: bool = True
    after: Callable[[str, str], Iterator[ToldFault]] = lambda id, what: iter(())
    """Yields what else is wrong after a write."""

    def made(self, what: str, resource: Resource, *expect: int) -> TakenStep:
        """Create a resource."""
        return self.checked.step(
            what, "POST", self.endpoint, resource, expect=expect or (201,), where=self.where
        )

    def changed(self, what: str, id: str, *operations: dict[str, Any], **how: Any) -> TakenStep:
        """PATCH a resource."""
        path, body = f"{self.endpoint}/{id}", patch_of(*operations)
        return self.checked.step(what, "PATCH", path, body, where=self.where, **how)


@dataclass(frozen=True, slots=True)
class TriedAttribute:
    """One attribute of a carrier."""

    carrier: Carrier
    target: Target

    @property
    def attribute(self) -> Attribute:
        """Return the definition."""
        return self.target.attribute

    @property
    def path(self) -> str:
        """Return its path, with the URN of its extension."""
        return str(self.target)

    def value(self, number: int) -> Any:
        """Return a value by a number."""
        return value_of(self.attribute, number, self.carrier.checked.run)

    def at(self, resource: Mapping[str, Any]) -> Any:
        """Return what a resource holds."""
        held = resource.get(self.target.extension, {}) if self.target.extension else resource
        return held.get(self.attribute.name) if isinstance(held, Mapping) else None

    def resource(self, value: Any) -> Resource:
        """Return a new resource with a value."""
        resource, urn, name = self.carrier.new(), self.target.extension, self.attribute.name
        if urn is None:
            return {**resource, name: value}
        schemas = list(dict.fromkeys([*resource["schemas"], urn]))
        return {**resource, "schemas": schemas, urn: {**resource.get(urn, {}), name: value}}

    def fault(self, says: str) -> ToldFault:
        """Return a fault of the attribute."""
        return ToldFault(self.carrier.where, f"{self.path} {says}")

    def find(self) -> Iterator[ToldFault]:
        """Yield what is wrong with the attribute."""
        number = self.carrier.checked.number() * 3
        first, other, third = (self.value(number + more) for more in range(3))
        made = self.carrier.made(f"Creating a resource with {self.path}", self.resource(first))
        yield from made.faults
        if not made.went:
            return
        id = str(made.answer.body.get("id"))
        yield from self.carrier.after(id, f"creating a resource with {self.path}")
        if self.attribute.mutability == "readOnly":
            if not differs(first, self.at(made.answer.body)):
                yield self.fault("is readOnly, and what a client sent for it was stored.")
            return
        yield from self._shown(id, first)
        if self.attribute.returned != "never":
            yield from self._queried(id, first, other)
        yield from self._changed(id, first, third)
        yield from self._null()
        if self.attribute.uniqueness != "none":
            yield from self._unique()

    def _shown(self, id: str, value: Any) -> Iterator[ToldFault]:
        asked = self.attribute.returned == "request"
        query = {"attributes": self.path} if asked else {}
        path = f"{self.carrier.endpoint}/{id}"
        answer = self.carrier.checked.caller.get(path, **query)
        if answer.status != 200:
            yield unexpected("Reading a resource", answer, (200,), self.carrier.where)
            return
        held = self.at(answer.body)
        if self.attribute.returned == "never":
            if held is not None:
                yield self.fault("is never to be returned, and is shown.")
            return
        yield from self._same(value, held, "is read back")

    def _same(self, due: Any, held: Any, what: str) -> Iterator[ToldFault]:
        for path, was, now in differences(due, held):
            inner = f"its {path} " if path else ""
            kind = f" ({type(now).__name__})" if type(was) is not type(now) else ""
            yield self.fault(f"{what}, and {inner}is {now!r}{kind}; {was!r} was sent.")

    def _queried(self, id: str, first: Any, other: Any) -> Iterator[ToldFault]:
        made = self.carrier.made(
            f"Creating another resource with {self.path}", self.resource(other)
        )
        yield from made.faults
        if not made.went:
            return
        control = str(made.answer.body.get("id"))
        for path, leaf, value, unlike in self._leaves(first, other):
            for expression in expressions(path, leaf, value):
                yield from self._filtered(expression, id, None if value == unlike else control)
        if self.carrier.sorts and not self.attribute.multi_valued and first != other:
            yield from self._sorted(id, control, first, other)

    def _leaves(self, first: Any, other: Any) -> Iterator[tuple[str, Attribute, Any, Any]]:
        """Yield what filters name: the attribute, or the first of its sub-attributes."""
        attribute = self.attribute
        one = first[0] if attribute.multi_valued else first
        unlike = other[0] if attribute.multi_valued else other
        if attribute.type in _FILTERED:
            yield self.path, attribute, one, unlike
        for sub in attribute.sub_attributes:
            asked = sub.type in _FILTERED and sub.returned != "never" and not sub.multi_valued
            if asked and sub.name in one:
                yield f"{self.path}.{sub.name}", sub, one[sub.name], unlike[sub.name]

    def _filtered(self, expression: str, id: str, control: str | None) -> Iterator[ToldFault]:
        answer = self.carrier.checked.caller.get(
            self.carrier.endpoint, filter=expression, count=1000
        )
        if answer.status != 200:
            yield unexpected(f"The filter {expression}", answer, (200,), self.carrier.where)
            return
        found = {one.get("id") for one in answer.resources}
        if id not in found:
            yield self.fault(f"is not found by its value: {expression}.")
        if control in found:
            yield self.fault(f"is found by a value that it does not have: {expression}.")

    def _sorted(self, id: str, control: str, first: Any, other: Any) -> Iterator[ToldFault]:
        if self.attribute.type not in _FILTERED:
            return
        answer = self.carrier.checked.caller.get(
            self.carrier.endpoint, sortBy=self.path, count=1000
        )
        if answer.status != 200:
            yield unexpected(f"Sorting by {self.path}", answer, (200,), self.carrier.where)
            return
        order = [one.get("id") for one in answer.resources if one.get("id") in (id, control)]
        due = [id, control] if first < other else [control, id]
        if len(order) == 2 and order != due:
            yield self.fault("is not what sortBy sorts by.")

    def _changed(self, id: str, first: Any, third: Any) -> Iterator[ToldFault]:
        what = f"Replacing {self.path} by PATCH"
        operation = {"op": "replace", "path": self.path, "value": third}
        if self.attribute.mutability == "immutable":
            yield from self.carrier.changed(what, id, operation, expect=(400,)).faults
            return
        step = self.carrier.changed(what, id, operation)
        yield from step.faults
        if not step.went:
            return
        yield from self.carrier.after(id, f"a PATCH of {self.path}")
        yield from self._shown(id, third)
        if self.attribute.multi_valued:
            more = one_of(self.attribute, self.carrier.checked.number() * 3, "more")
            adding = {"op": "add", "path": self.path, "value": [more]}
            added = self.carrier.changed(f"Adding a value to {self.path} by PATCH", id, adding)
            yield from added.faults
            if added.went:
                yield from self._shown(id, [*third, more])
        yield from self._removed(id)

    def _removed(self, id: str) -> Iterator[ToldFault]:
        what, required = f"Removing {self.path} by PATCH", self.attribute.required
        operation = {"op": "remove", "path": self.path}
        expect = (400,) if required else (200, 204)
        step = self.carrier.changed(what, id, operation, expect=expect)
        yield from step.faults
        if step.went and not required and self.attribute.returned != "never":
            yield from self.carrier.after(id, f"the removal of {self.path}")
            held = self.at(self.carrier.checked.caller.get(f"{self.carrier.endpoint}/{id}").body)
            if held not in (None, []):
                yield self.fault(f"was removed, and is still shown: {held!r}.")

    def _null(self) -> Iterator[ToldFault]:
        """Yield what is wrong with a resource that names the attribute and gives it no value."""
        expect = (400,) if self.attribute.required else (201,)
        what = f"Creating a resource whose {self.path} is null"
        made = self.carrier.made(what, self.resource(None), *expect)
        yield from made.faults
        if made.answer.status == 201 and self.at(made.answer.body) is not None:
            yield self.fault(f"was sent as null, and is {self.at(made.answer.body)!r}.")

    def _unique(self) -> Iterator[ToldFault]:
        """Yield where two resources may have one value that is to be unique."""
        number = self.carrier.checked.number() * 3
        taken, free = self.value(number), self.value(number + 1)
        made = [
            self.carrier.made(f"Creating a resource with {self.path}", self.resource(value))
            for value in (taken, free)
        ]
        for step in made:
            yield from step.faults
        if not all(step.went for step in made):
            return
        what = f"Creating a second resource with the same {self.path}, which is to be unique,"
        yield from self.carrier.made(what, self.resource(taken), 409).faults
        if self.attribute.mutability != "immutable":
            what = f"Changing {self.path}, which is to be unique, to a value that is taken,"
            operation = {"op": "replace", "path": self.path, "value": taken}
            id = str(made[1].answer.body.get("id"))
            yield from self.carrier.changed(what, id, operation, expect=(409,)).faults


def expressions(path: str, leaf: Attribute, value: Any) -> Iterator[str]:
    """Yield filters that a value matches."""
    yield f"{path} eq {json.dumps(value, ensure_ascii=False)}"
    if leaf.type == "string" and isinstance(value, str):
        yield f"{path} co {json.dumps(value[1:] or value, ensure_ascii=False)}"
        if not leaf.case_exact and value.upper() != value:
            yield f"{path} eq {json.dumps(value.upper(), ensure_ascii=False)}"


def differs(due: Any, held: Any) -> bool:
    """Tell whether something else is shown than was sent."""
    return any(differences(due, held))
