"""The columns of ``ProvisionedGroup`` that filters and sorting use."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from django_scim_provider.core.errors import InvalidFilter
from django_scim_provider.core.filters import BoundAnd, BoundComparison, BoundFilter, BoundPresent
from django_scim_provider.models import GroupMember
from django_scim_provider.storage.columns import (
    NOTHING,
    Columns,
    DateColumn,
    IdColumn,
    TextColumn,
)
from django_scim_provider.storage.forms import parse_id


def _members(term: BoundFilter | None) -> Q | None:
    """Answer ``members.value eq`` and ``members pr`` by the memberships.

    Raises:
        InvalidFilter: anything else is asked of members.
    """
    if term is None:
        return Q(Exists(GroupMember.objects.filter(group_id=OuterRef("pk"))))
    terms = term.terms if isinstance(term, BoundAnd) else (term,)
    condition = Q()
    for part in terms:
        if isinstance(part, BoundPresent):
            continue
        if not isinstance(part, BoundComparison) or part.op != "eq":
            raise InvalidFilter("members can be filtered by members.value eq only.")
        key = parse_id(str(part.value))
        if str(part.target) == "value":
            if key is None:
                return NOTHING
            condition &= Q(account_id=key) | Q(child_id=key)
        elif str(part.target) == "type":
            condition &= Q(account_id__isnull=part.value == "group")
        else:
            raise InvalidFilter("members can be filtered by members.value eq only.")
    members = GroupMember.objects.filter(condition)
    if condition:
        return Q(pk__in=members.values("group_id"))
    return Q(Exists(members.filter(group_id=OuterRef("pk"))))


GROUP_COLUMNS = Columns(
    {
        "id": IdColumn(),
        "displayName": TextColumn("display_name_key", sort="display_name_key"),
        "externalId": TextColumn("external_id", sort="external_id"),
        "meta.created": DateColumn("created_at", sort="created_at"),
        "meta.lastModified": DateColumn("last_modified", sort="last_modified"),
    },
    {"members": _members},
)
