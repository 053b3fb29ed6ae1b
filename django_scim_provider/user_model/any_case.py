"""The equality of names in any case that accents break, where a collation knows neither."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup

from django_scim_provider.models.fields import exact_collation


class SameButForCase(Lookup):
    """A text of MariaDB or MySQL that equals another in any case, accent for accent.

    Their collations fold both. So the collation's own equality, which an index serves, finds some,
    and the capitals of these are compared by their characters, as PostgreSQL does it.
    """

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the condition; the value is a parameter of it twice."""
        sql, parameters = self.process_lhs(compiler, connection)
        capitals = f"UPPER(CONVERT({{}} USING utf8mb4)) COLLATE {exact_collation(connection)}"
        same = f"{capitals.format(sql)} = {capitals.format('%s')}"
        return f"({sql} = %s AND {same})", [*parameters, self.rhs, *parameters, self.rhs]
