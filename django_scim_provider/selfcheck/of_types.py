"""What the project declares beside users: extensions, and resource types of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django_scim_provider.conf import get_settings
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.schemas.definitions import Resource, Target
from django_scim_provider.registry import Registration, get_registry
from django_scim_provider.selfcheck.checked_connection import CheckedConnection, unexpected
from django_scim_provider.selfcheck.invented_values import resource_of
from django_scim_provider.selfcheck.of_attributes import Carrier, TriedAttribute
from django_scim_provider.selfcheck.of_users import store_of
from django_scim_provider.selfcheck.told_faults import NothingToCheck, SelfCheck, ToldFault


def declared_checks() -> Iterator[SelfCheck]:
    """Yield a check for each extension and each resource type that the settings name."""
    settings, registry = get_settings(), get_registry()
    for name, paths in settings.EXTENSIONS.items():
        resource_type = registry.by_name(name).resource_type
        own = resource_type.extensions[len(resource_type.extensions) - len(paths) :]
        for path, extension in zip(paths, own, strict=True):
            targets = [
                Target(attribute, extension=extension.schema.id)
                for attribute in extension.schema.attributes
            ]
            yield SelfCheck(
                f"extension:{path}",
                f"the attributes of {extension.schema.id}",
                _extension(name, path, targets),
            )
    for path, registration in zip(settings.RESOURCE_TYPES, registry.registrations[2:], strict=True):
        about = f"resources at {registration.resource_type.endpoint}"
        yield SelfCheck(f"type:{path}", about, _type(path, registration))


def _extension(
    name: str, path: str, targets: list[Target]
) -> Callable[[CheckedConnection], Iterator[ToldFault]]:
    def find(checked: CheckedConnection) -> Iterator[ToldFault]:
        carrier = _people(checked, path) if name == "User" else _groups(checked, path)
        for target in targets:
            yield from TriedAttribute(carrier, target).find()

    return find


def _people(checked: CheckedConnection, path: str) -> Carrier:
    def after(id: str, what: str) -> Iterator[ToldFault]:
        return checked.kept(id, what, "update_user")

    sorts = get_registry().by_name("User").supports_sort
    return Carrier(checked, "/Users", checked.user, path, sorts, after)


def _groups(checked: CheckedConnection, path: str) -> Carrier:
    def new() -> Resource:
        name = f"Checked group {checked.run} {checked.number()}"
        return {"schemas": [GROUP.schema.id], "displayName": name}

    sorts = get_registry().by_name("Group").supports_sort
    return Carrier(checked, "/Groups", new, path, sorts)


def _type(
    path: str, registration: Registration
) -> Callable[[CheckedConnection], Iterator[ToldFault]]:
    def find(checked: CheckedConnection) -> Iterator[ToldFault]:
        yield from _TriedType(checked, path, registration).find()

    return find


class _TriedType:
    """A resource type of the project's own."""

    def __init__(self, checked: CheckedConnection, path: str, registration: Registration) -> None:
        self.checked, self.path, self.registration = checked, path, registration
        self.type = registration.resource_type
        self.endpoint = self.type.endpoint
        self.store = store_of(self.type.name)

    def new(self, *, only_required: bool = False) -> Resource:
        """Return another resource each time."""
        return resource_of(
            self.type, self.checked.number() * 3, self.checked.run, only_required=only_required
        )

    def find(self) -> Iterator[ToldFault]:
        """Yield what is wrong with the type.

        Raises:
            NothingToCheck: the project has no route to it.
        """
        if self.checked.caller.get(self.endpoint).status == 404:
            raise NothingToCheck(f"The URLs of the project lead nowhere for {self.endpoint}.")
        sent = self.new()
        made = self._step("Creating", "POST", self.endpoint, sent, 201)
        yield from made.faults
        if made.went:
            id = str(made.answer.body.get("id"))
            written = self._without_secrets(sent)
            yield from self.checked.shown(written, made.answer, "creating it", self.store)
            yield from self._read(id, written)
            yield from self._alone(id)
            yield from self._replaced(id)
            yield from self._deleted(id)
            yield from self._attributes()
        yield from self._least()

    def _step(self, what: str, method: str, path: str, body: Any, *expect: int) -> Any:
        words = f"{what} a {self.type.name}"
        return self.checked.step(words, method, path, body, expect=expect, where=self.store)

    def _without_secrets(self, sent: Resource) -> Resource:
        hidden = {
            (target.extension, target.attribute.name)
            for target in self.type.targets()
            if target.attribute.returned in ("never", "request") or target.attribute.withheld
        }
        kept = {name: value for name, value in sent.items() if (None, name) not in hidden}
        for urn in kept.keys() & {extension.schema.id for extension in self.type.extensions}:
            kept[urn] = {
                name: value for name, value in kept[urn].items() if (urn, name) not in hidden
            }
        return kept

    def _least(self) -> Iterator[ToldFault]:
        step = self._step("Creating", "POST", self.endpoint, self.new(only_required=True), 201)
        if not step.went:
            says = (
                f"A {self.type.name} with all that its schema requires is answered by "
                f"{step.answer.says}: what is needed besides should be declared required."
            )
            yield ToldFault(self.path, says)

    def _read(self, id: str, sent: Resource) -> Iterator[ToldFault]:
        path = f"{self.endpoint}/{id}"
        answer = self.checked.caller.get(path)
        if answer.status != 200:
            yield unexpected(f"Reading a {self.type.name}", answer, (200,), self.store)
            return
        yield from self.checked.shown(sent, answer, "reading it", self.store)
        tag = answer.header("ETag")
        again = self.checked.caller.send("GET", path, headers={"If-None-Match": tag})
        if not tag or again.status != 304:
            yield ToldFault(
                self.store, f"A {self.type.name} that did not change has another version ({tag!r})."
            )
        listed = self.checked.caller.get(self.endpoint, count=1000)
        if id not in [one.get("id") for one in listed.resources]:
            yield ToldFault(self.store, f"The list of {self.endpoint} lacks what was created.")
        page = self.checked.caller.get(self.endpoint, count=0)
        if page.body.get("totalResults") != len(listed.resources):
            yield ToldFault(
                self.store,
                f"totalResults of {self.endpoint} is {page.body.get('totalResults')!r}, and the "
                f"list has {len(listed.resources)}.",
            )

    def _alone(self, id: str) -> Iterator[ToldFault]:
        """Yield where another connection gets at the resource."""
        other = self.checked.neighbour
        seen = other.get(f"{self.endpoint}/{id}").status
        listed = [one.get("id") for one in other.get(self.endpoint, count=1000).resources]
        if seen == 200 or id in listed:
            says = f"A {self.type.name} of one connection is shown to another one."
            yield ToldFault(self.store, says)
        if other.send("DELETE", f"{self.endpoint}/{id}").status == 204:
            says = f"A {self.type.name} of one connection is deleted by another one."
            yield ToldFault(self.store, says)

    def _replaced(self, id: str) -> Iterator[ToldFault]:
        path, before = f"{self.endpoint}/{id}", self.checked.caller.get(f"{self.endpoint}/{id}")
        body = self.new()
        for target in self.type.targets():
            if target.attribute.mutability == "immutable" and target.extension is None:
                body[target.attribute.name] = before.body.get(target.attribute.name)
        step = self._step("Replacing", "PUT", path, body, 200)
        yield from step.faults
        if not step.went:
            return
        written = self._without_secrets(body)
        yield from self.checked.shown(written, step.answer, "a PUT", self.store)
        stale = self.checked.caller.send(
            "PUT", path, body, headers={"If-Match": before.header("ETag")}
        )
        if stale.status != 412:
            what = f"Replacing a {self.type.name} by a version that is over"
            yield unexpected(what, stale, (412,), self.store)

    def _deleted(self, id: str) -> Iterator[ToldFault]:
        path = f"{self.endpoint}/{id}"
        step = self._step("Deleting", "DELETE", path, None, 204)
        yield from step.faults
        if step.went:
            gone = self.checked.caller.get(path)
            if gone.status != 404:
                what = f"Reading a {self.type.name} that was deleted"
                yield unexpected(what, gone, (404,), self.store)

    def _attributes(self) -> Iterator[ToldFault]:
        sorts = self.registration.supports_sort
        carrier = Carrier(self.checked, self.endpoint, self.new, self.path, sorts)
        for attribute in self.type.schema.attributes:
            yield from TriedAttribute(carrier, Target(attribute)).find()
        for extension in self.type.extensions:
            for attribute in extension.schema.attributes:
                target = Target(attribute, extension=extension.schema.id)
                yield from TriedAttribute(carrier, target).find()
