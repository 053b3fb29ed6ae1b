"""Memberships as the attributes that show them: ``members`` of groups, ``groups`` of users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Q

from django_scim_provider.core.schema import Resource
from django_scim_provider.core.stored_text import id_of, splice
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.visibility import visible


def with_groups(texts: Sequence[str], using: str, base_url: str) -> list[str]:
    """Return the texts of users with their ``groups``, read in one query for all of them.

    ``type`` is ``direct``, or ``indirect`` for the groups that hold a group of the user's.
    """
    if not texts:
        return []
    connection, key = connections[using], LinkedAccount._meta.pk
    ids = [id_of(text) for text in texts]
    keys = [key.get_db_prep_value(UUID(id), connection) for id in ids]
    head, tail = _groups_sql(using)
    with connection.cursor() as cursor:
        cursor.execute(f"{head}{', '.join(['%s'] * len(keys))}{tail}", keys)
        rows = cursor.fetchall()
    groups: dict[str, list[Resource]] = {}
    for account, group, indirect, name in rows:
        id = str(UUID(str(group)))
        entry = {
            "value": id,
            "$ref": f"{base_url}/Groups/{id}",
            "display": name,
            "type": "indirect" if indirect else "direct",
        }
        groups.setdefault(str(UUID(str(account))), []).append(entry)
    return [splice(text, "groups", groups.get(id)) for id, text in zip(ids, texts, strict=True)]


@lru_cache(maxsize=16)
def _groups_sql(using: str) -> tuple[str, str]:
    """Return what comes before and behind the places of the keys."""
    quote = connections[using].ops.quote_name
    members, groups = quote(GroupMember._meta.db_table), quote(ProvisionedGroup._meta.db_table)
    head, tail = f"""
        WITH RECURSIVE held(account_id, group_id, indirect) AS (
            SELECT m.account_id, m.group_id, 0 FROM {members} m
            WHERE m.account_id IN (%s)
            UNION
            SELECT held.account_id, m.group_id, 1 FROM held
            JOIN {members} m ON m.child_id = held.group_id
        )
        SELECT held.account_id, g.id, MIN(held.indirect), g.display_name
        FROM held JOIN {groups} g ON g.id = held.group_id
        GROUP BY held.account_id, g.id, g.display_name
        ORDER BY MIN(held.indirect), g.id
    """.split("%s")  # noqa: S608 - names of the models
    return head, tail


def with_members(texts: Iterable[str], context: StoreContext) -> list[str]:
    """Return the texts of groups with their ``members``, read in one query for all of them.

    Users whom the connection does not see any more are left out.
    """
    texts = list(texts)
    ids = [id_of(text) for text in texts]
    found = GroupMember.objects.using(context.using)
    members_of = found.filter(group_id__in=[UUID(id) for id in ids])
    if context.organization_id is not None:
        seen = visible(LinkedAccount.objects.all(), context.using, context.organization_id)
        members_of = members_of.filter(Q(account=None) | Q(account__in=seen.values("pk")))
    rows: Iterable[Any] = members_of.order_by("pk").values_list(
        "group_id", "account_id", "account__user_name", "child_id", "child__display_name"
    )
    members: dict[str, list[Resource]] = {}
    for group, *user, child, name in rows:
        kind, (member, display) = ("User", user) if child is None else ("Group", (child, name))
        entry = {
            "value": str(member),
            "$ref": f"{context.base_url}/{kind}s/{member}",
            "type": kind,
            "display": display,
        }
        members.setdefault(str(group), []).append(entry)
    return [splice(text, "members", members.get(id)) for id, text in zip(ids, texts, strict=True)]
