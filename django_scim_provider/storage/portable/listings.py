"""What is listed by the ORM alone: accounts, groups, and resources of the project's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from django.db.models import QuerySet

from django_scim_provider.core.filters.expressions import BoundComparison, BoundFilter
from django_scim_provider.models import (
    AccountDocument,
    AccountEmail,
    GroupDocument,
    LinkedAccount,
    ProvisionedGroup,
)
from django_scim_provider.storage.portable.narrowing import (
    Beside,
    FilterNarrowing,
    Keys,
    RelationAsked,
    held,
)
from django_scim_provider.storage.portable.own_conditions import OwnColumns
from django_scim_provider.storage.portable.relations import GroupsAsked, MembersAsked
from django_scim_provider.storage.portable.scanning import Listing
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.columns.declared import Column
from django_scim_provider.storage.sql.columns.text_columns import TextColumn
from django_scim_provider.storage.sql.columns.value_columns import DateColumn
from django_scim_provider.storage.sql.searching.lookups import pins
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext

_MODIFIED: Mapping[str, Column] = {
    "meta.lastModified": DateColumn("last_modified", sort="last_modified")
}


def listed_accounts(
    context: StoreContext,
    rows: QuerySet[Any, Any],
    columns: Mapping[str, Column],
    names: Mapping[str, Column],
    emails: Mapping[str, Column],
) -> Listing:
    """Return the accounts that a connection sees, of its ``rows``.

    ``columns`` are those of their own table, ``names`` those of the documents, ``emails`` those of
    the addresses.
    """
    using, own = context.using, {"provider_id": context.provider_id}
    pads = vendor_of(using).pads_texts
    groups = ProvisionedGroup.objects.using(using).of(context.provider_id)
    of_groups = OwnColumns(
        ProvisionedGroup,
        {"value": TextColumn("scim_id"), "display": TextColumn("display_name_key")},
        pads,
    )

    def of_person(term: BoundFilter | None) -> RelationAsked:
        return GroupsAsked(groups, term, context.base_url, of_groups)

    documents = AccountDocument.objects.using(using).filter(**own)
    addresses = AccountEmail.objects.using(using).filter(**own)
    return Listing(
        rows,
        FilterNarrowing(
            OwnColumns(LinkedAccount, columns, pads),
            OwnColumns(LinkedAccount, _MODIFIED),
            Beside(documents, OwnColumns(AccountDocument, {**names, **_MODIFIED}, pads)),
            partial(_by_address, addresses, OwnColumns(AccountEmail, emails, pads)),
            {"groups": cache(of_person)},
        ),
        AccountDocument,
        Sight(context),
    )


def _by_address(rows: QuerySet[Any, Any], columns: OwnColumns, term: BoundFilter) -> Keys | None:
    """Return the accounts that an index of addresses leads to."""
    told = columns.told(term) if pins(term, "value", _is_served) else None
    return None if told is None else held(rows.filter(told.condition), "account_id", told.exact)


def _is_served(term: BoundComparison) -> bool:
    return term.op == "eq" or (term.op == "sw" and bool(term.value))


def listed_groups(
    context: StoreContext,
    rows: QuerySet[Any, Any],
    columns: Mapping[str, Column],
) -> Listing:
    """Return the groups of a connection; ``columns`` are those of their own table."""
    using = context.using
    pads = vendor_of(using).pads_texts
    accounts = LinkedAccount.objects.using(using).of(context.provider_id)

    def of_group(term: BoundFilter | None) -> RelationAsked:
        return MembersAsked(rows, accounts, Sight(context), term, context.base_url)

    own: dict[str, Any] = {"provider_id": context.provider_id}
    documents = GroupDocument.objects.using(using).filter(**own)
    return Listing(
        rows,
        FilterNarrowing(
            OwnColumns(ProvisionedGroup, columns, pads),
            OwnColumns(ProvisionedGroup, _MODIFIED),
            Beside(documents, OwnColumns(GroupDocument, _MODIFIED, pads)),
            computed={"members": cache(of_group)},
        ),
        GroupDocument,
    )


def listed_rows(rows: QuerySet[Any, Any], columns: Mapping[str, Column]) -> Listing:
    """Return rows of a model of the project's own, which hold their documents themselves."""
    own = OwnColumns(rows.model, columns, vendor_of(rows.db).pads_texts)
    return Listing(rows, FilterNarrowing(own))
