"""What stands for the roles of one connection, and who is due them because of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet

from django_scim_provider.attribute_map.compilation import AttributeMap
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup, RoleMapping
from django_scim_provider.storage.portable.memberships import groups_by_account
from django_scim_provider.storage.roles.attribute_sources import (
    Person,
    ValueOf,
    having,
    is_changed,
    value_of,
)
from django_scim_provider.storage.roles.targets import RoleTarget, named_by, target_of
from django_scim_provider.storage.sql.key_lists import among
from django_scim_provider.storage.sql.recursion import below_each
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked


@dataclass(frozen=True, slots=True)
class RoleSource:
    """What a mapping gives, and what stands for it: groups, a value, or being there."""

    target: RoleTarget
    mapping: UUID
    groups: frozenset[UUID] = frozenset()
    value: ValueOf | None = None
    everyone: bool = False

    def concerns(self, changed: frozenset[str]) -> bool:
        """Tell whether a change of a person's attributes may give the role or take it.

        Of a mapping by an attribute: one that is there no more is taken with any change.
        """
        return self.value is None or is_changed(self.value.target, changed)

    def accounts(self, using: str, provider_id: str, *, leads: bool) -> Q | None:
        """Return the condition of the accounts that it stands for; None: it stands for nobody.

        ``leads``: it is the only one, and the accounts are found by their keys.
        """
        if self.everyone:
            return Q(pk__isnull=False)
        if self.value is not None:
            return having(using, provider_id, self.value, leads=leads)
        if not self.groups:
            return None
        members = GroupMember.objects.using(using).filter(account__isnull=False)
        members = members.filter(among(using, "group_id", self.groups))
        return Q(pk__in=members.values("account_id"))


def sources_of(
    context: StoreContext, mappings: Sequence[RoleMapping], owned: AttributeMap | None
) -> list[RoleSource]:
    """Return what stands for each mapping's role, by a fixed number of statements.

    ``owned`` is the map of the connection, which says what the project keeps itself.
    """
    using, provider_id = context.using, context.provider_id
    named = {mapping.pk: named_by(mapping) for mapping in mappings if mapping.is_of_groups}
    groups = _groups_by(using, provider_id, named.values())
    held = below_each(using, set().union(*groups.values()))
    found = []
    for mapping in mappings:
        target, name = target_of(mapping), named.get(mapping.pk)
        if name is not None:
            below = frozenset().union(*(held[key] for key in groups[name]))
            found.append(RoleSource(target, mapping.pk, groups=below))
        elif mapping.match_by == RoleMapping.MatchBy.EVERYONE:
            found.append(RoleSource(target, mapping.pk, everyone=True))
        else:
            value = value_of(mapping.attribute, mapping.value, owned)
            found.append(RoleSource(target, mapping.pk, value=value))
    return found


def _groups_by(
    using: str, provider_id: str, named: Iterable[tuple[str, Any]]
) -> dict[tuple[str, Any], set[UUID]]:
    """Return the keys of groups by column and value, in one query for each column."""
    own = ProvisionedGroup.objects.using(using).of(provider_id)
    found: dict[tuple[str, Any], set[UUID]] = {name: set() for name in named}
    for column in sorted({column for column, _ in found}):
        values = {value for other, value in found if other == column}
        for group in own.filter(**{f"{column}__in": values}).only(column):
            name = column, getattr(group, column)
            if name in found:  # MariaDB sees no blanks at the end of a text
                found[name].add(group.pk)
    return found


@dataclass(slots=True)
class Due:
    """Who is due what, and because of what."""

    accounts: dict[Any, UUID] = field(default_factory=dict)
    """The keys of the connection's accounts by those of their users."""
    roles: dict[tuple[Any, RoleTarget], UUID] = field(default_factory=dict)
    """The key of a group that stands for it, or of a mapping that names no group."""


def due_of(
    accounts: QuerySet[LinkedAccount], sources: Sequence[RoleSource], *, writes: bool
) -> Due:
    """Return what is due to the users of some accounts of one connection.

    With ``writes`` it is what holds until the transaction ends; the users are locked already.
    """
    using = accounts.db
    fresh = writes and vendor_of(using).reads_snapshots  # else it reads what was before the lock
    of_people = [source for source in sources if source.everyone or source.value is not None]
    values = [source.value for source in of_people if source.value is not None]
    columns = ["pk", "user_id", "active", "released_at", *(["resource"] if values else [])]
    found = locked(accounts.order_by("pk")) if fresh and of_people else accounts.order_by()
    due, owners = Due(), {}
    for key, user, active, left, *text in found.values_list(*columns):
        due.accounts[user] = key
        if not active or left is not None:
            continue
        owners[key] = user
        person = Person(orjson.loads(text[0]), [each.target for each in values]) if text else None
        for source in of_people:
            value = source.value
            if value is None or (person is not None and person.has(value)):
                due.roles.setdefault((user, source.target), source.mapping)
    due.roles.update(_by_groups(using, owners, sources, fresh=fresh))
    return due


def _by_groups(
    using: str, owners: Mapping[UUID, Any], sources: Iterable[RoleSource], *, fresh: bool
) -> dict[tuple[Any, RoleTarget], UUID]:
    """Return what the groups of accounts stand for; ``owners`` are the users of these."""
    targets: dict[UUID, list[RoleTarget]] = {}
    for source in sources:
        for group in source.groups:
            targets.setdefault(group, []).append(source.target)
    due: dict[tuple[Any, RoleTarget], UUID] = {}
    if not owners or not targets:
        return due
    rows = GroupMember.objects.using(using).all()
    if vendor_of(using).orm_only:
        held: Iterable[tuple[Any, Any]] = groups_by_account(rows, owners)
    else:
        rows = rows.filter(among(using, "account_id", owners), among(using, "group_id", targets))
        held = (locked(rows) if fresh else rows).values_list("account_id", "group_id")
    for account, group in held:
        due.update({(owners[account], target): group for target in targets.get(group, ())})
    return due
