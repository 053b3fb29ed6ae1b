"""The columns of ``ProvisionedGroup`` that filters and sorting use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from django_scim_provider.core.filters.expressions import BoundFilter
from django_scim_provider.models import GroupDocument, GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.sql.columns.declared import (
    Column,
    Columns,
    DocumentRows,
    Family,
    Relation,
)
from django_scim_provider.storage.sql.columns.text_columns import (
    IdColumn,
    MemberIdColumn,
    ReferenceColumn,
    TextColumn,
)
from django_scim_provider.storage.sql.columns.value_columns import DateColumn
from django_scim_provider.storage.sql.searching.lookups import pins, to_q
from django_scim_provider.storage.sql.vendors import vendor_of


class _NameColumn(TextColumn):
    """A name that may be NULL, and is no field: Django adds nothing for NULL when it negates it."""

    def compare(self, op: str, value: str) -> Q | None:
        """Compare so that the condition is true or false, and never NULL."""
        found = TextColumn.compare(self, "eq" if op == "ne" else op, value)
        whole = self.present() if found is None else self.present() & found
        return ~whole if op == "ne" else whole


def _member_columns(provider_id: str, base_url: str) -> Columns:
    """Return the columns of what ``_rows`` returns."""
    keys = {
        "account_id": LinkedAccount.objects.of(provider_id),
        "child_id": ProvisionedGroup.objects.of(provider_id),
    }
    return Columns(
        {
            "value": MemberIdColumn("id_text", keys=keys),
            "display": _NameColumn("display_key"),
            "type": TextColumn("kind"),
            "$ref": ReferenceColumn("address", root=base_url),
        }
    )


def _rows(base_url: str, only: Q | None) -> QuerySet[GroupMember]:
    """Return memberships with what their values show, folded where case does not count.

    ``only`` as in ``group_columns``.
    """
    text = CharField()
    is_group = Q(account__isnull=True)
    return _in_sight(only).alias(
        id_text=Coalesce("account__scim_id", "child__scim_id"),
        display_key=Coalesce(
            "account__display_key", "child__display_name_key", output_field=TextField()
        ),
        kind=Case(When(is_group, then=Value("group")), default=Value("user"), output_field=text),
        address=Concat(
            Value(f"{base_url}/"),
            Case(When(is_group, then=Value("Groups/")), default=Value("Users/")),
            F("id_text"),
            output_field=text,
        ),
    )


def _in_sight(only: Q | None) -> QuerySet[GroupMember]:
    rows = GroupMember.objects.all()
    return rows if only is None else rows.filter(Q(account__isnull=True) | only)


def _members(
    term: BoundFilter | None, leads: bool, *, provider_id: str, base_url: str, only: Q | None
) -> Q | None:
    """Answer a value filter on ``members`` by the memberships.

    Where the term pins the member, its groups are asked for by the index; else each group is asked.
    """
    if term is None:
        return Q(Exists(_in_sight(only).filter(group_id=OuterRef("pk"))))
    members = _rows(base_url, only).filter(to_q(term, _member_columns(provider_id, base_url)))
    if pins(term, "value"):
        return Q(pk__in=members.values("group_id"))
    return Q(Exists(members.filter(group_id=OuterRef("pk"))))


def _pins_member(term: BoundFilter) -> bool:
    return pins(term, "value")


GROUP_COLUMNS: Mapping[str, Column] = {
    "id": IdColumn("scim_id", sort="scim_id"),
    "displayName": TextColumn("display_name_key", sort="display_name_key"),
    "externalId": TextColumn("external_id", sort="external_id"),
    "meta.created": DateColumn("created_at", sort="created_at"),
}


def group_columns(
    provider_id: str, base_url: str, only: Q | None = None, using: str = DEFAULT_DB_ALIAS
) -> Columns:
    """Return the columns; the references of members begin with the address of the SCIM root.

    ``only`` is the condition on the accounts of memberships that the connection sees; see
    ``visibility.seen``. Who is not shown is not found either.
    """
    contains = vendor_of(using).contains_documents
    # What the project says of members is asked for each query; no filter on a reference is kept.
    columns_of = partial(group_columns, base_url=base_url, using=using)
    family = Family(provider_id, contains, columns_of) if only is None else None
    members = partial(_members, provider_id=provider_id, base_url=base_url, only=only)
    relation = Relation(members, _pins_member)
    own = Q(document__provider_id=provider_id)
    modified = DateColumn("document__last_modified", sort="document__last_modified", own=own)
    return Columns(
        {**GROUP_COLUMNS, "meta.lastModified": modified},
        {"members": relation},
        document="document__folded",
        own_document=own,
        documents=DocumentRows(GroupDocument, provider_id, contains=contains, using=using),
        family=family,
    )
