"""All that knows a database vendor: one class for each, which nothing else asks for by name.

To add a vendor, write its class in a file of this folder and name it in ``VENDORS``, before the one
that serves all others. Collations and
column types are in ``models.fields``, which lies beneath and which migrations import.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from django_scim_provider.storage.sql.vendors.base import Vendor
from django_scim_provider.storage.sql.vendors.levels import SupportLevel
from django_scim_provider.storage.sql.vendors.mysql import MariaDB, MySQL
from django_scim_provider.storage.sql.vendors.portable import MongoDB, Portable, SQLServer
from django_scim_provider.storage.sql.vendors.postgresql import PostgreSQL
from django_scim_provider.storage.sql.vendors.sqlite import SQLite

VENDORS: tuple[type[Vendor], ...] = (
    PostgreSQL,
    SQLite,
    MariaDB,
    MySQL,
    MongoDB,
    SQLServer,
    Portable,
)
"""In the order in which they are asked whether they serve a database; the last one does for all."""
_known: dict[tuple[str, str] | str, Vendor] = {}
"""By alias and Django's name of the backend, and by the alias alone.

MariaDB and MySQL share a backend; only the server says which one it is, and in the middle of an
outage there is nobody to ask."""


def vendor_of(database: Any) -> Vendor:
    """Return the vendor of a database, given as a connection of Django's or as its alias."""
    if isinstance(database, str):
        # To look a connection up takes longer than all the rest.
        found = _known.get(database)
        if found is None:
            found = _known[database] = vendor_of(connections[database])
        return found
    connection = database
    name = connection.alias, connection.vendor
    known = _known.get(name)
    if known is None:
        known = _known[name] = _made_for(connection)
    return known


def level_of(connection: Any) -> SupportLevel | None:
    """Return how far a vendor is tested; no server is asked. None for a project without a database.

    A dummy backend stands there, whose vendor is unknown.
    """
    if connection.vendor == "unknown":
        return None
    return next(vendor.level for vendor in VENDORS if vendor.backend in ("", connection.vendor))


def _made_for(connection: Any) -> Vendor:
    return next(vendor(connection) for vendor in VENDORS if vendor.serves(connection))
