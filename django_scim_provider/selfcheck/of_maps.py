"""Entries of ``ATTRIBUTE_MAP``: a value that is written, read back, and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from django.db.models import BooleanField, DateTimeField, EmailField, Field, URLField

from django_scim_provider.adapter.user_fields import mapping_of
from django_scim_provider.attribute_map.compilation import MapEntry, maps_of_settings
from django_scim_provider.attribute_map.conversion import Unfit, without_value
from django_scim_provider.attribute_map.map_paths import EMPTY
from django_scim_provider.conf import SETTING
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.selfcheck.checked_connection import (
    CheckedConnection,
    raised,
    unexpected,
)
from django_scim_provider.selfcheck.invented_values import value_of
from django_scim_provider.selfcheck.told_faults import NothingToCheck, SelfCheck, ToldFault
from django_scim_provider.storage.users.mapping.host_values import held_by


def checks_of_maps() -> list[SelfCheck]:
    """Return a check for each attribute that a map of the settings names."""
    texts = dict.fromkeys(text for entries in maps_of_settings().values() for text in entries)
    return [
        SelfCheck(f"map:{text}", "an attribute and its field", partial(entry_of_a_map, text=text))
        for text in texts
    ]


def entry_of_a_map(checked: CheckedConnection, *, text: str) -> Iterator[ToldFault]:
    """Yield what is wrong with one attribute and its field."""
    mapping = mapping_of(checked.adapter())
    found = () if mapping is None else mapping.attributes
    entry = next((each for each in found if each.path.text == text), None)
    if entry is None:
        raise NothingToCheck("only maps of single connections have it: name one with --provider.")
    yield from TriedEntry(checked, entry).find()


class TriedEntry:
    """One entry, tried with somebody who is made for it."""

    def __init__(self, checked: CheckedConnection, entry: MapEntry) -> None:
        self.checked, self.entry = checked, entry
        self.path = entry.path
        self.where = f"{SETTING}['ATTRIBUTE_MAP'][{entry.path.text!r}]"
        named = entry.path.attributes(checked.user_type)
        if named is None:
            raise NothingToCheck("the User schema does not have it; see manage.py check.")
        self.attribute, self.leaf = named

    def fault(self, says: str, level: Any = "error") -> ToldFault:
        """Return a fault of the entry."""
        return ToldFault(self.where, f"{self.path.text} {says}", level)

    def find(self) -> Iterator[ToldFault]:
        """Yield what is wrong."""
        sent, due = self.checked.user(), None
        if self.entry.mapped.write:
            value, due, problem = self._fitting()
            if problem is not None:
                yield problem
                return
            sent = self._with(sent, value)
        what = f"Creating a user with {self.path.text}"
        made = self.checked.step(what, "POST", "/Users", sent, expect=(201,), where=self.where)
        yield from made.faults
        id = str(made.answer.body.get("id"))
        if not made.went:
            return
        if self.checked.account(id) is None:
            raise NothingToCheck("USER_STORE keeps users elsewhere and has no map.")
        if self.entry.mapped.write:
            yield from self._written(id, value, due)
            yield from self._cleared(id, sent)
        else:
            yield from self._owned(id)

    def _owned(self, id: str) -> Iterator[ToldFault]:
        """Yield where what the project has is shown otherwise."""
        try:
            due = self.entry.shown(self._held(id), self.checked.user_type)
        except Exception as error:
            yield raised(f"Showing {self.path.text}", error)
            return
        yield from self._shown(id, due)

    def _written(self, id: str, value: Any, due: Any) -> Iterator[ToldFault]:
        held = self._held(id)
        if held != due:
            yield self.fault(f"makes {self._field} {held!r}, and the map says {due!r}.")
            return
        if not self.entry.mapped.read:
            yield from self._shown(id, value)
            return
        try:
            told = self.entry.shown(held, self.checked.user_type)
        except Exception as error:
            yield raised(f"Showing {self.path.text}", error)
            return
        yield from self._shown(id, told)
        if told != value:
            yield self.fault(
                f"is sent as {value!r} and shown as {told!r}: the identity provider takes that "
                "for a difference. to_scim should undo what to_host does.",
                "warning",
            )

    def _cleared(self, id: str, sent: Resource) -> Iterator[ToldFault]:
        try:
            due, expect = without_value(self.entry.target.field), 200
        except Unfit:
            due, expect = None, 400
        without = deepcopy(sent)
        self.path.take_out(without)
        step = self.checked.step(
            f"Taking {self.path.text} away",
            "PUT",
            f"/Users/{id}",
            without,
            expect=(expect,),
            where=self.where,
        )
        yield from step.faults
        if not step.went or expect != 200:
            return
        held = self._held(id)
        if held != due and not self.entry.target.field.has_default():
            yield self.fault(f"was taken away, and {self._field} is {held!r} and not {due!r}.")
        if not self.entry.mapped.read:
            yield from self._shown(id, None)

    def _shown(self, id: str, due: Any) -> Iterator[ToldFault]:
        answer = self.checked.caller.get(f"/Users/{id}")
        if answer.status != 200:
            yield unexpected("Reading a user", answer, (200,), self.where)
            return
        shown = self.path.value_of(answer.body)
        if (None if due in EMPTY else due) != shown:
            yield self.fault(f"is shown as {shown!r}, and {due!r} is due.")

    def _held(self, id: str) -> Any:
        account = self.checked.account(id)
        return None if account is None else held_by(account.user, self.entry.target)

    @property
    def _field(self) -> str:
        return f"{self.entry.mapped.field} of the user"

    def _with(self, sent: Resource, value: Any) -> Resource:
        resource, path = deepcopy(sent), self.path
        if path.sub is not None and self.attribute.multi_valued and not path.selects:
            resource[path.name] = [{path.sub: value}]
        else:
            path.put(resource, value)
        return resource

    def _fitting(self) -> tuple[Any, Any, ToldFault | None]:
        """Return a value that the field takes and what the field becomes; or why there is none."""
        told = ""
        for value in self._candidates():
            resource: Resource = self._with({"schemas": []}, value)
            try:
                with self.checked.asking():
                    return value, self.entry.host_value(resource, {}, new=False), None
            except Unfit as problem:
                told = told or f"{value!r}{problem}"
            except Exception as error:
                return None, None, raised(f"Converting {value!r} of {self.path.text}", error)
        says = f"takes no value that the check knows ({told}). Name one with --user."
        return None, None, self.fault(says, "warning")

    def _candidates(self) -> Iterator[Any]:
        """Yield values to try: the sample's first, then what the map or the field names."""
        named = self.path.value_of(dict(self.checked.sample))
        if named is not None:
            yield named
        if self.entry.mapped.choices:
            yield from self.entry.mapped.choices
        number = self.checked.number()
        leaf, field = self.leaf, self.entry.target.field
        if leaf.type == "string":
            yield from texts_for(field, number, self.checked.run)
        yield from leaf.canonical_values
        is_list = self.path.sub is None and self.attribute.multi_valued
        yield value_of(self.attribute if is_list else leaf, number, self.checked.run)


def texts_for(field: Field[Any, Any], number: int, run: str) -> Iterator[str]:
    """Yield texts that a field may take, the likely ones first."""
    for choice in field.flatchoices:
        if choice[0] not in EMPTY:
            yield str(choice[0])
    if isinstance(field, EmailField):
        yield f"check-{run}-{number}@example.com"
    if isinstance(field, URLField):
        yield f"https://example.com/{run}/{number}"
    if isinstance(field, BooleanField):
        yield "true"
    yield from _numbers_and_dates(field, number, run)
    text = f"check {run} {number}"
    limit = getattr(field, "max_length", None)
    yield text if limit is None else text[-limit:]
    yield from ("en", "de", f"+1 202 555 {number:04d}", "1", "true", "2026-01-31")


def _numbers_and_dates(field: Field[Any, Any], number: int, run: str) -> Iterator[str]:
    kind = field.get_internal_type()
    if "Integer" in kind or kind in ("DecimalField", "FloatField"):
        yield from (str(int(run, 16) + number), str(number))
    if isinstance(field, DateTimeField):
        yield "2026-01-31T08:30:00Z"
    elif kind == "DateField":
        yield "2026-01-31"
    elif kind == "UUIDField":
        yield f"00000000-0000-4000-8000-{number:012d}"
