"""Memberships as the attributes that show them: ``members`` of groups, ``groups`` of users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from django_scim_provider.core.schema import Resource
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import GroupMember, LinkedAccount
from django_scim_provider.storage.forms import splice
from django_scim_provider.storage.visibility import visible


def with_groups(texts: Sequence[str], using: str, base_url: str) -> list[str]:
    """Return the texts of users with their ``groups``, read in one query for all of them."""
    rows = (
        GroupMember.objects.using(using)
        .filter(account_id__in=[text[7:43] for text in texts])
        .order_by("pk")
        .values_list("account_id", "group_id", "group__display_name")
    )
    groups: dict[str, list[Resource]] = {}
    for account, group, name in rows:
        entry = {
            "value": str(group),
            "$ref": f"{base_url}/Groups/{group}",
            "display": name,
            "type": "direct",
        }
        groups.setdefault(str(account), []).append(entry)
    return [splice(text, "groups", groups.get(text[7:43])) for text in texts]


def with_members(texts: Iterable[str], context: StoreContext) -> list[str]:
    """Return the texts of groups with their ``members``, read in one query for all of them.

    Users whom the connection does not see any more are left out.
    """
    texts = list(texts)
    found = GroupMember.objects.using(context.using)
    members_of = found.filter(group_id__in=[text[7:43] for text in texts])
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
    return [splice(text, "members", members.get(text[7:43])) for text in texts]
