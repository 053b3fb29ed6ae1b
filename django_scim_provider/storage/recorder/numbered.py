"""Rows that are numbered by the statement that stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import Model

from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.sql.running import adapted, execute
from django_scim_provider.storage.sql.statements.by_orm import insert_rows
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import in_transaction


class NumberedInsert(Insert):
    """An INSERT of one row with the next number among those of its connection.

    It stores nothing where the connection wants no more, or is recorded no more: the connection is
    read by the same statement, so that a request which was under way keeps nothing afterwards.
    """

    def __init__(
        self, model: type[Model], columns: Sequence[str], *, number: str, among: str
    ) -> None:
        super().__init__(model, columns)
        self._number, self._among = number, among

    def run_numbered(self, using: str, row: Mapping[str, Any], *, most: int) -> int:
        """Store the row and return how many that were: 1 or 0.

        Raises:
            IntegrityError: another one got the number at the same time.
        """
        if vendor_of(using).orm_only:
            return self._kept_by_orm(using, row, most)
        sql, _, columns = self._prepared.get(using) or self._prepare(using)
        connection, meta = connections[using], self.model._meta
        quote = connection.ops.quote_name
        table, of = quote(meta.db_table), ProviderConnection._meta

        def column(model: Any, name: str) -> str:
            return str(quote(model._meta.get_field(name).column))

        number, among = column(self.model, self._number), column(self.model, self._among)
        own, until = (
            column(ProviderConnection, each) for each in ("provider_id", "recording_until")
        )
        wanted = column(ProviderConnection, "recording_most")
        into = f"INSERT {sql[:-1]}, {number})"
        values = ", ".join(["%s"] * len(columns.fields))
        # In a query of its own, which MySQL asks for where a table is read that is written to.
        last = f"SELECT COALESCE(MAX({number}), 0) AS n FROM {table} WHERE {among} = %s"  # noqa: S608 - names of the model
        source = f"{quote(of.db_table)} AS c, (SELECT n FROM ({last}) AS kept) AS last"  # noqa: S608 - names of the models
        limits = f"c.{own} = %s AND c.{until} > %s AND last.n < c.{wanted} AND last.n < %s"
        statement = f"{into} SELECT {values}, last.n + 1 FROM {source} WHERE {limits}"  # noqa: S608 - names of the models
        provider = row[self._among]
        moment: Any = of.get_field("recording_until")
        at: Any = of.get_field("provider_id")
        first, second, now = adapted([at, at, moment], [provider, provider, row["at"]], using)
        given = columns.adapted([row[name] for name in self.columns], using, connection)
        # Its text is the same each time, but servers cannot tell the types of what is selected.
        return execute(using, statement, [*given, first, second, now, most], varies=True)

    def _kept_by_orm(self, using: str, row: Mapping[str, Any], most: int) -> int:
        """Do the same in a transaction, and look again whether it was still wanted at its end."""
        provider = row[self._among]
        wanting = ProviderConnection.objects.using(using).filter(
            provider_id=provider, recording_until__gt=row["at"]
        )
        rows = self.model._base_manager.using(using)

        def store() -> int:
            wanted = wanting.values_list("recording_most", flat=True).first()
            if wanted is None:
                return 0
            kept = rows.filter(**{self._among: provider})
            numbers = kept.order_by(f"-{self._number}").values_list(self._number, flat=True)
            last = numbers.first() or 0
            if last >= min(wanted, most):
                return 0
            numbered = {**row, self._number: last + 1}
            return insert_rows(self.model, using, [numbered], [*self.columns, self._number])

        stored = in_transaction(using, provider, store)
        if stored and not wanting.exists():
            rows.filter(pk=row["id"]).delete()
            return 0
        return stored
