"""What the project has of attributes that a map shows, put into stored texts.

It is read with each answer, as ``groups`` are, and moves neither the version nor ``lastModified``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import BooleanField, Exists, Model, OuterRef, Value

from django_scim_provider.adapter import DefaultAdapter, adapter_class, get_adapter
from django_scim_provider.adapter.user_fields import mapping_of, maps_attributes
from django_scim_provider.attribute_map.compilation import AttributeMap
from django_scim_provider.attribute_map.map_fields import MapField
from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Query
from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.mapping.host_reading import fields_of, held_elsewhere
from django_scim_provider.storage.users.mapping.one_to_one import row_beside

AT_ONCE = 500
"""Accounts whose values are read by one statement."""


@dataclass(slots=True)
class HostValues:
    """Shows the accounts of one connection as its map has it."""

    context: StoreContext
    kind: ResourceType
    mapping: AttributeMap
    _own: dict[str, bool] = field(default_factory=dict)
    """Whether the connection alone has ever held the user of an account, by id; once asked."""

    def shown(self, texts: Sequence[str]) -> list[str]:
        """Return stored texts with what the project has; one statement for ``AT_ONCE`` of them."""
        found: list[str] = []
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            values = self._read([id_of(text) for text in some])
            found += (self._text(text, values.get(id_of(text))) for text in some)
        return found

    def shown_of(self, text: str, user: AbstractBaseUser | None, *, made: bool = False) -> str:
        """Return one text; nothing is read where all is known of the ``user`` at hand.

        ``made`` tells that the connection has just made the user.
        """
        id, targets = id_of(text), [each.target for each in self.mapping.reads]
        if made or not any(each.is_written for each in self.mapping.reads):
            self._own[id] = made
        if user is None or id not in self._own or any(target.relation for target in targets):
            return self.shown([text])[0]
        values = [getattr(user, target.field.attname) for target in targets]
        if any(hasattr(value, "resolve_expression") for value in values):
            return self.shown([text])[0]
        return self._text(text, values)

    def refuse(self, query: Query) -> None:
        """Refuse a query for what stands in no document, as the project owns it.

        Raises:
            InvalidFilter, InvalidPath: naming the attribute.
        """
        if query.filter is not None:
            for target in _targets(query.filter):
                if self.owns(target):
                    raise InvalidFilter(
                        f"{target} is kept elsewhere, and no filter may ask for it."
                    )
        if query.sort is not None and self.owns(query.sort.target):
            raise InvalidPath(f"{query.sort.target} is kept elsewhere, and nothing sorts by it.")

    def owns(self, target: Target) -> bool:
        """Tell whether the project keeps an attribute itself, so that it stands in no document."""
        return self.mapping.owns(target)

    def _read(self, ids: Sequence[str]) -> dict[str, Sequence[Any]]:
        """Return the values of accounts by their ids, and note whose users are held alone."""
        if vendor_of(self.context.using).orm_only:
            return self._read_by_keys(ids)
        names = [f"user__{each.target.look_up}" for each in self.mapping.reads]
        rows = LinkedAccount.objects.using(self.context.using).of(self.context.provider_id)
        rows = rows.filter(scim_id__in=ids).order_by()
        if any(each.is_written for each in self.mapping.reads):
            rows = rows.annotate(alone=~_others(LinkedAccount) & ~_others(Tombstone))
        else:
            rows = rows.annotate(alone=Value(False, BooleanField()))
        told = ("scim_id", "alone", "created_user", "manages_profile")
        found: dict[str, Sequence[Any]] = {}
        for id, alone, created, manages, *values in rows.values_list(*told, *names):
            self._own[id] = bool(alone and created and manages)
            found[id] = values
        return found

    def _read_by_keys(self, ids: Sequence[str]) -> dict[str, Sequence[Any]]:
        """Do the same by the ORM alone."""
        using, provider_id = self.context.using, self.context.provider_id
        rows = LinkedAccount.objects.using(using).of(provider_id).filter(scim_id__in=ids)
        told = ("scim_id", "user_id", "created_user", "manages_profile")
        accounts = list(rows.order_by().values_list(*told))
        users = [user for _, user, *_ in accounts]
        values = fields_of(using, users, [each.target for each in self.mapping.reads])
        others: set[Any] = set(users)  # where nothing is written, nobody asks
        if any(each.is_written for each in self.mapping.reads):
            others = held_elsewhere(using, provider_id, users)
        for id, user, created, manages in accounts:
            self._own[id] = created and manages and user not in others
        return {id: values[user] for id, user, *_ in accounts if user in values}

    def _text(self, text: str, values: Sequence[Any] | None) -> str:
        if values is None:  # deleted meanwhile
            return text
        resource: Resource = orjson.loads(text)
        meta = resource.pop("meta")
        self.mapping.show(resource, values, self.kind, own=self._own[id_of(text)])
        resource["meta"] = meta  # comes last; see ``core.stored_text``
        return orjson.dumps(resource).decode()


def _others(model: type[Model]) -> Exists:
    """Return whether another connection has, or had, an account of the user."""
    rows: Any = model._default_manager
    others = rows.filter(user=OuterRef("user")).exclude(provider=OuterRef("provider"))
    return Exists(others)


def as_shown(
    adapter: DefaultAdapter,
    user: AbstractBaseUser,
    resource: Resource,
    kind: ResourceType,
    *,
    own: bool,
) -> Resource:
    """Return a resource as a read shows it: what the project changed of it is no drift.

    ``own`` is as for ``AttributeMap.show``.
    """
    mapping = mapping_of(adapter)
    if mapping is None or not mapping.reads:
        return resource
    shown: Resource = orjson.loads(orjson.dumps(resource))
    mapping.show(shown, [held_by(user, each.target) for each in mapping.reads], kind, own=own)
    return shown


def describe_by_map(
    context: StoreContext,
    adapter: DefaultAdapter,
    user: AbstractBaseUser,
    resource: Resource,
    kind: ResourceType,
) -> None:
    """Put into the resource of a user who is to be linked what the map says of them.

    It is what clients both write and are shown. What another connection may have written is not
    among it, nor what the project owns: that stands in no document.
    """
    mapping = mapping_of(adapter)
    entries = [] if mapping is None else [each for each in mapping.reads if each.mapped.write]
    if not entries:
        return
    for model in (LinkedAccount, Tombstone):
        rows = model._base_manager.using(context.using).filter(user=user.pk)
        if rows.exclude(**{"provider_id": context.provider_id}).exists():
            return
    for each in entries:
        each.path.put(resource, each.shown(held_by(user, each.target), kind))


def held_by(user: AbstractBaseUser, target: MapField) -> Any:
    """Return what a user has in a field of a map; None where the row beside them is missing."""
    row = user if target.accessor is None else row_beside(user, target.accessor)
    return None if row is None else getattr(row, target.field.attname)


def take_out_owned(context: StoreContext, *resources: Resource) -> None:
    """Take out of resources what the project owns: it is stored nowhere here."""
    mapping = _mapping(context)
    if mapping is not None:
        for resource in resources:
            mapping.take_out_owned(resource)


def host_values_of(context: StoreContext, kind: ResourceType) -> HostValues | None:
    """Return what shows the accounts of a connection; None, at no cost, where nothing does."""
    mapping = _mapping(context)
    return HostValues(context, kind, mapping) if mapping is not None and mapping.reads else None


def _mapping(context: StoreContext) -> AttributeMap | None:
    kind: Any = adapter_class()
    return mapping_of(get_adapter(context.for_project())) if maps_attributes(kind) else None


def _targets(bound: BoundFilter) -> Iterator[Target]:
    """Yield all that a filter asks for."""
    match bound:
        case BoundAnd(terms) | BoundOr(terms):
            for term in terms:
                yield from _targets(term)
        case BoundNot(term):
            yield from _targets(term)
        case BoundComparison(target) | BoundPresent(target) | BoundValuePath(target):
            yield target
