"""The indexes that serve ``co`` and ``ew``, where the database can have such: of trigrams.

``scim_index_users`` makes them, since they take an extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model

from django_scim_provider.core.filters.operators import OF_PARTS
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.storage.sql.columns.text_columns import TextColumn
from django_scim_provider.storage.sql.indexed import in_place
from django_scim_provider.storage.sql.reach import Reach
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.text_indexes import TextIndex

EMAILS = TextIndex("scim_email_trigrams", *in_place.table_and_column(AccountEmail, "value_key"))
USER_NAMES = TextIndex(
    "scim_user_name_trigrams", *in_place.table_and_column(LinkedAccount, "account_id")
)
_WORD = re.compile(r"[a-z0-9]{3}")


def has_word(part: str) -> bool:
    """Tell whether an index knows anything of a text: letters and digits in threes."""
    return _WORD.search(part) is not None


def served(using: str, index: TextIndex, part: str) -> bool:
    """Tell whether the index leads to the texts that hold a part."""
    return vendor_of(using).has_parts and has_word(part) and in_place.is_there(using, index.name)


@dataclass(frozen=True, slots=True)
class SearchedColumn(TextColumn):
    """A column with an index of the parts of its texts."""

    index: TextIndex = EMAILS
    using: str = "default"

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index leads to parts of texts as well."""
        if op in OF_PARTS and op != "sw" and served(self.using, self.index, value):
            return Reach.MATCHES
        return TextColumn.reach(self, op, value, model)


def statements(using: str, wanted: Iterable[TextIndex]) -> list[str]:
    """Return what makes those that are missing; nothing where there can be none."""
    connection: Any = connections[using]
    vendor = vendor_of(using)
    extension = vendor.parts_extension(connection)
    if extension is None:
        return []
    concurrent = vendor.builds_concurrently and not connection.in_atomic_block
    there = {each.name: each for each in vendor.named_indexes(connection, in_place.PREFIX)}
    made, tables = [], {}
    for each in wanted:
        found = there.get(each.name)
        if found is not None and (found.is_valid or found.is_being_made):
            continue
        if found is not None:
            # What is left of one that failed half-way is in nobody's use.
            made.append(vendor.drop_named(connection, found, concurrent=concurrent))
        made += vendor.parts_index(connection, each, concurrent=concurrent)
        tables[each.table] = vendor.refresh_statistics(connection.ops.quote_name(each.table))
    refreshed = [each for each in tables.values() if each is not None]
    return [*extension, *made, *refreshed] if made else []


def undo_statements(using: str, wanted: Iterable[TextIndex]) -> list[str]:
    """Return what drops them; the extension stays, as others may use it."""
    connection: Any = connections[using]
    vendor, names = vendor_of(using), {each.name for each in wanted}
    concurrent = vendor.builds_concurrently and not connection.in_atomic_block
    there = vendor.named_indexes(connection, in_place.PREFIX)
    return [
        vendor.drop_named(connection, each, concurrent=concurrent)
        for each in there
        if each.name in names
    ]
