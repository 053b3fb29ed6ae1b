"""The columns of ``LinkedAccount`` that filters and sorting use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Concat

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
)
from django_scim_provider.models import AccountDocument, AccountEmail, GroupMember, ProvisionedGroup
from django_scim_provider.storage.sql.columns.declared import (
    Column,
    Columns,
    DocumentRows,
    Family,
    Relation,
)
from django_scim_provider.storage.sql.columns.text_columns import (
    IdColumn,
    ReferenceColumn,
    TextColumn,
)
from django_scim_provider.storage.sql.columns.value_columns import BooleanColumn, DateColumn
from django_scim_provider.storage.sql.indexed import text_parts
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.indexed.sub_selects import FoundIn
from django_scim_provider.storage.sql.indexed.text_parts import SearchedColumn
from django_scim_provider.storage.sql.searching.lookups import pins, to_q
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.rendering import ToldGroups

EMAIL_COLUMNS = Columns(
    {
        "value": TextColumn("value_key"),
        "type": TextColumn("type"),
        "primary": BooleanColumn("primary"),
    }
)


def _emails(term: BoundFilter | None, leads: bool, *, provider_id: str) -> Q | None:
    """Answer a value filter on ``emails`` by their table.

    Where the term asks for the address, the table is asked first, by its index; else it is asked
    for each account, as it is where something else leads. Without a term on one of its columns the
    folded document answers.
    """
    if term is None or not _asks_emails(term):
        return None
    own: dict[str, Any] = {"provider_id": provider_id}
    condition = to_q(term, EMAIL_COLUMNS)
    if not leads:
        return Q(FoundIn(AccountEmail, "account", condition, first=False))
    first = _asks_addresses(term)
    return Q(FoundIn(AccountEmail, "account", Q(**own) & condition, first=first))


def _asks_emails(term: BoundFilter | None) -> bool:
    return term is not None and _names(term) <= EMAIL_COLUMNS.columns.keys()


def _asks_addresses(term: BoundFilter | None) -> bool:
    return term is not None and _asks_emails(term) and "value" in _names(term)


def _pins_email(term: BoundFilter, *, using: str) -> bool:
    return _asks_emails(term) and pins(term, "value", partial(_is_address_served, using=using))


def _is_address_served(term: BoundComparison, *, using: str) -> bool:
    """Tell whether an index leads to the addresses that a comparison finds."""
    if term.op in ("co", "ew"):
        return text_parts.served(using, text_parts.EMAILS, str(term.value))
    return term.op == "eq" or (term.op == "sw" and bool(term.value))


def _pins_group(term: BoundFilter) -> bool:
    return pins(term, "value") or pins(term, "display")


def _names(bound: BoundFilter) -> set[str]:
    if isinstance(bound, BoundAnd | BoundOr):
        return set().union(*(_names(term) for term in bound.terms))
    if isinstance(bound, BoundNot):
        return _names(bound.term)
    return {str(bound.target)}


IN_A_GROUP = Exists(GroupMember.objects.filter(account_id=OuterRef("pk")))


def _group_columns(base_url: str) -> Columns:
    return Columns(
        {
            "value": TextColumn("scim_id"),
            "display": TextColumn("display_name_key"),
            "type": TextColumn("kind"),
            "$ref": ReferenceColumn("address", root=base_url),
        }
    )


def _groups(term: BoundFilter | None, leads: bool, *, provider_id: str, base_url: str) -> Q | None:
    """Answer a value filter on ``groups`` by the memberships, indirect ones too.

    ``type`` is a fact about a group and an account: where the term asks for it, direct and indirect
    memberships are asked for apart.
    """
    if term is None:
        return Q(IN_A_GROUP)
    own: dict[str, Any] = {"provider_id": provider_id}
    columns = _group_columns(base_url)
    address = Concat(Value(f"{base_url}/Groups/"), F("scim_id"), output_field=CharField())
    groups = ProvisionedGroup.objects.filter(**own).alias(address=address)

    def matching(kind: str) -> QuerySet[Any, Any]:
        told = groups.alias(kind=Value(kind, CharField()))
        return told.filter(to_q(term, columns)).values("pk")

    members = GroupMember.objects.filter(account_id__isnull=False)
    direct = matching("direct")
    if "type" not in _names(term):
        held = members.filter(group_id__in=_tree(direct, "SELECT id FROM held"))
        return Q(pk__in=held.values("account_id"))
    direct_members = members.filter(group_id__in=direct)
    indirectly = _tree(matching("indirect"), _INDIRECT.format(members=GroupMember._meta.db_table))
    return Q(pk__in=direct_members.values("account_id")) | Q(pk__in=indirectly)


_INDIRECT = """
    SELECT m.account_id FROM held JOIN {members} m ON m.group_id = held.id
    WHERE held.id <> held.holder AND m.account_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM {members} d WHERE d.group_id = held.holder AND d.account_id = m.account_id
    )
"""


class _Groups(Subquery):
    """Where it is known to be empty, so is what is made of it."""

    empty_result_set_value = NotImplemented


def _tree(groups: QuerySet[Any, Any], query: str) -> Func:
    """Return a subquery on ``held``: what each of these groups holds at any depth, and itself."""
    table, members = ProvisionedGroup._meta.db_table, GroupMember._meta.db_table
    return Func(
        _Groups(groups),
        template=(
            f"(WITH RECURSIVE held(holder, id) AS ("  # noqa: S608 - names of the models
            f"SELECT g.id, g.id FROM {table} g WHERE g.id IN %(expressions)s UNION "
            f"SELECT held.holder, m.child_id FROM held JOIN {members} m ON m.group_id = held.id "
            f"WHERE m.child_id IS NOT NULL) {query})"
        ),
        output_field=UUIDField(),
    )


USER_COLUMNS: Mapping[str, Column] = {
    "id": IdColumn("scim_id", sort="scim_id"),
    "userName": TextColumn("account_id", sort="account_id"),
    "externalId": TextColumn("external_id", sort="external_id"),
    "active": BooleanColumn("active"),
    "meta.created": DateColumn("created_at", sort="created_at"),
}


NAME_COLUMNS: Mapping[str, Column] = {
    "name.familyName": CutColumn("family_name_key"),
    "name.givenName": CutColumn("given_name_key"),
    "displayName": CutColumn("display_name_key"),
}


def user_columns(provider_id: str, base_url: str, using: str = DEFAULT_DB_ALIAS) -> Columns:
    """Return the columns; the references of groups begin with the address of the SCIM root."""
    # No filter on a reference is kept, so the address is in no SQL that is.
    columns_of = partial(user_columns, base_url=base_url, using=using)
    contains = vendor_of(using).contains_documents
    own = Q(document__provider_id=provider_id)
    modified = DateColumn("document__last_modified", sort="document__last_modified", own=own)
    user_name = SearchedColumn("account_id", "account_id", text_parts.USER_NAMES, using)
    return Columns(
        {**USER_COLUMNS, "userName": user_name, "meta.lastModified": modified},
        {
            "emails": Relation(
                partial(_emails, provider_id=provider_id),
                partial(_pins_email, using=using),
                leads=_asks_addresses,
            ),
            "groups": Relation(
                partial(_groups, provider_id=provider_id, base_url=base_url), _pins_group
            ),
        },
        related=ToldGroups(),
        document="document__folded",
        own_document=own,
        documents=DocumentRows(AccountDocument, provider_id, NAME_COLUMNS, contains, using),
        family=Family(provider_id, contains, columns_of),
    )
