"""Who is in which group, by lists of keys: memberships first, then what their keys name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.recursion import edges
from django_scim_provider.storage.sql.statements.by_orm import batched

Named = Mapping[UUID, tuple[str, Any]]
"""The id and the name of rows, by their keys."""


def groups_of(
    using: str,
    provider_id: str,
    ids: Sequence[str],
    *,
    accounts: Mapping[UUID, str] | None = None,
    limit: int | None = None,
) -> list[tuple[str, int, UUID, str, str]]:
    """Return the groups of accounts, direct and indirect ones.

    Each row has the id of the account, whether it is indirect, and the group's key, id and name. A
    group may be there in both ways. ``accounts`` are the ids by their keys, where these are known;
    ``limit`` bounds the memberships that are read.
    """
    if accounts is None:
        own = LinkedAccount.objects.using(using).of(provider_id)
        accounts = {key: id for id, (key,) in _by_id(own, ids, "pk").items()}
    held: set[tuple[str, int, UUID]] = set()
    members = GroupMember.objects.using(using).order_by()
    for some in batched(sorted(accounts)):
        found = members.filter(account_id__in=some).values_list("account_id", "group_id")
        held |= {(accounts[account], 0, group) for account, group in found[:limit]}
    near: dict[UUID, set[str]] = {}
    for id, _, group in held:
        near.setdefault(group, set()).add(id)
    while near and (limit is None or len(held) <= limit):
        above: dict[UUID, set[str]] = {}
        for child, group in edges(using, near, "child_id", "group_id"):
            new = {id for id in near[child] if (id, 1, group) not in held}
            held |= {(id, 1, group) for id in new}
            if new:
                above.setdefault(group, set()).update(new)
        near = above
    named = names_of(ProvisionedGroup.objects.using(using), {group for *_, group in held})
    return [(id, indirect, key, *named[key]) for id, indirect, key in held if key in named]


def members_of(
    groups: QuerySet[Any],
    ids: Sequence[str],
    sight: Sight,
    *,
    limit: int | None = None,
) -> list[tuple[Any, ...]] | None:
    """Return the members of groups, without users whom the connection does not see.

    Each row has the membership's key, the group's id, the account's id and name, and the child's.
    ``groups`` are those of the connection. None where there are ``limit`` memberships or more,
    whoever is seen of them: those that are seen would not be all.
    """
    using = groups.db
    of = {key: id for id, (key,) in _by_id(groups, ids, "pk").items()}
    rows = GroupMember.objects.using(using).order_by()
    held: list[tuple[Any, ...]] = []
    for some in batched(sorted(of)):
        found = rows.filter(group_id__in=some)
        held += found.values_list("pk", "group_id", "account_id", "child_id")[:limit]
        if limit is not None and len(held) >= limit:
            return None
    users, children = named_members(using, (row[2:] for row in held), sight)
    nobody = None, None
    return [
        (key, of[group], *users.get(account, nobody), *children.get(child, nobody))
        for key, group, account, child in held
        if account in users or child in children
    ]


def numbers_of_members(groups: QuerySet[Any]) -> dict[str, int]:
    """Return how many members groups have, by their ids; those that have none are left out."""
    of = dict(groups.order_by().values_list("pk", "scim_id"))
    counts: dict[str, int] = {}
    rows = GroupMember.objects.using(groups.db).order_by()
    for some in batched(sorted(of)):
        told = rows.filter(group_id__in=some).values_list("group_id").annotate(Count("pk"))
        counts |= {of[group]: number for group, number in told}
    return counts


def named_members(
    using: str, members: Iterable[Sequence[Any]], sight: Sight
) -> tuple[Named, Named]:
    """Return the accounts in sight and the groups that members are, of pairs of their keys."""
    pairs = list(members)
    accounts = {account for account, _ in pairs if account is not None}
    users = names_of(LinkedAccount.objects.using(using), accounts, sight=sight)
    groups = {child for _, child in pairs if child is not None}
    return users, names_of(ProvisionedGroup.objects.using(using), groups)


def names_of(
    rows: Any, keys: Collection[UUID], name: str = "display_name", sight: Sight | None = None
) -> Named:
    """Return the ids and names of rows by their keys; ``name`` is the column of these.

    ``sight`` is of accounts; None: all are seen.
    """
    found: dict[UUID, tuple[str, Any]] = {}
    columns = "pk", "scim_id", name
    for some in batched(sorted(keys)):
        named = rows.filter(pk__in=some).order_by()
        told = named.values_list(*columns) if sight is None else sight.rows(named, *columns)
        found |= {key: (id, shown) for key, id, shown in told}
    return found


def keys_and_members(
    using: str, group: UUID, rows: QuerySet[Any, Any], ids: Sequence[str]
) -> tuple[dict[str, UUID], set[UUID]]:
    """Return the keys of accounts or groups by their ids, and those that are members of a group."""
    keys = {id: key for id, (key,) in _by_id(rows, ids, "pk").items()}
    members = GroupMember.objects.using(using).filter(group_id=group).order_by()
    held: set[UUID] = set()
    for some in batched(sorted(keys.values())):
        held |= set(members.filter(member_key__in=some).values_list("member_key", flat=True))
    return keys, held


def groups_by_account(
    rows: QuerySet[GroupMember], accounts: Iterable[UUID]
) -> Iterator[tuple[UUID, UUID]]:
    """Yield accounts and the groups that they are in directly."""
    for some in batched(sorted(accounts)):
        yield from rows.filter(account_id__in=some).values_list("account_id", "group_id")


def users_in(using: str, groups: Iterable[UUID]) -> list[Any]:
    """Return the keys of the users who are in one of these groups directly."""
    members = GroupMember.objects.using(using).filter(account_id__isnull=False).order_by()
    accounts: set[UUID] = set()
    for some in batched(sorted(groups)):
        accounts.update(members.filter(group_id__in=some).values_list("account_id", flat=True))
    users: list[Any] = []
    for some in batched(sorted(accounts)):
        rows = LinkedAccount.objects.using(using).filter(pk__in=some).order_by()
        users += rows.values_list("user_id", flat=True)
    return users


def _by_id(rows: QuerySet[Any, Any], ids: Sequence[str], *columns: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for some in batched(ids):
        told = rows.filter(scim_id__in=some).order_by().values_list("scim_id", *columns)
        found |= {id: values for id, *values in told}
    return found
