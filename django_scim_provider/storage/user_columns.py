"""The columns of ``LinkedAccount`` that filters and sorting use."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Exists, Func, OuterRef, Q, UUIDField, Value

from django_scim_provider.core.filters import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
)
from django_scim_provider.models import AccountEmail, GroupMember, ProvisionedGroup
from django_scim_provider.storage.columns import (
    NOTHING,
    BooleanColumn,
    Columns,
    DateColumn,
    IdColumn,
    TextColumn,
)
from django_scim_provider.storage.forms import parse_id
from django_scim_provider.storage.lookups import pins, to_q

_EMAIL_COLUMNS = Columns(
    {
        "value": TextColumn("value_key"),
        "type": TextColumn("type"),
        "primary": BooleanColumn("primary"),
    }
)


def _emails(term: BoundFilter | None) -> Q | None:
    """Answer a value filter on ``emails`` by their table.

    Where the term pins the address, the table is asked first, by its index; else it is asked for
    each account. Without a term on one of its columns the folded document answers.
    """
    if term is None or not _names(term) <= _EMAIL_COLUMNS.columns.keys():
        return None
    condition = to_q(term, _EMAIL_COLUMNS)
    if pins(term, "value"):
        return Q(pk__in=AccountEmail.objects.filter(condition).values("account_id"))
    return Q(Exists(AccountEmail.objects.filter(condition, account_id=OuterRef("pk"))))


def _names(bound: BoundFilter) -> set[str]:
    if isinstance(bound, BoundAnd | BoundOr):
        return set().union(*(_names(term) for term in bound.terms))
    if isinstance(bound, BoundNot):
        return _names(bound.term)
    return {str(bound.target)}


def _groups(term: BoundFilter | None) -> Q | None:
    """Answer ``groups.value eq`` and ``groups pr`` by the memberships, indirect ones too."""
    wanted = [] if term is None else list(_equal_values(term))
    if wanted:
        keys = [parse_id(str(value)) for value in wanted]
        if None in keys or len(set(keys)) > 1:
            return NOTHING
        members = GroupMember.objects.filter(account_id__isnull=False)
        return Q(pk__in=members.filter(group_id__in=_and_below(keys[0])).values("account_id"))
    if term is None or isinstance(term, BoundPresent):
        return Q(Exists(GroupMember.objects.filter(account_id=OuterRef("pk"))))
    return None


def _and_below(key: UUID | None) -> Func:
    """Return the keys of a group and of all groups that it holds, as a subquery."""
    groups, members = ProvisionedGroup._meta.db_table, GroupMember._meta.db_table
    return Func(
        Value(key, UUIDField()),
        template=(
            f"(WITH RECURSIVE below(id) AS ("  # noqa: S608 - names of the models
            f"SELECT g.id FROM {groups} g WHERE g.id = %(expressions)s UNION "
            f"SELECT m.child_id FROM below JOIN {members} m ON m.group_id = below.id "
            "WHERE m.child_id IS NOT NULL) SELECT below.id FROM below)"
        ),
        output_field=UUIDField(),
    )


def _equal_values(term: BoundFilter) -> Iterator[str | int | float]:
    terms = term.terms if isinstance(term, BoundAnd) else (term,)
    for part in terms:
        if isinstance(part, BoundComparison) and part.op == "eq" and str(part.target) == "value":
            yield part.value


USER_COLUMNS = Columns(
    {
        "id": IdColumn(),
        "userName": TextColumn("user_name_key", sort="user_name_key"),
        "externalId": TextColumn("external_id", sort="external_id"),
        "active": BooleanColumn("active"),
        "meta.created": DateColumn("created_at", sort="created_at"),
        "meta.lastModified": DateColumn("last_modified", sort="last_modified"),
    },
    {"emails": _emails, "groups": _groups},
    related=Exists(GroupMember.objects.filter(account_id=OuterRef("pk"))),
)
