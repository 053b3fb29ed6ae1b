"""All that knows a database vendor: one class for each, which nothing else asks for by name.

To add a vendor, write its class in a file of this folder and name it in ``VENDORS``. Collations and
column types are in ``models.fields``, which lies beneath and which migrations import.
"""

from __future__ import annotations

from typing import Any

from django.db import NotSupportedError, connections

from django_scim_provider.storage.sql.vendors.base import Vendor
from django_scim_provider.storage.sql.vendors.mysql import MariaDB, MySQL
from django_scim_provider.storage.sql.vendors.postgresql import PostgreSQL
from django_scim_provider.storage.sql.vendors.sqlite import SQLite

VENDORS: tuple[type[Vendor], ...] = (PostgreSQL, SQLite, MariaDB, MySQL)
NAMES = frozenset({"postgresql", "sqlite", "mysql"})
"""What Django calls their backends."""
_known: dict[tuple[str, str] | str, Vendor] = {}
"""By alias and Django's name of the backend, and by the alias alone.

MariaDB and MySQL share a backend; only the server says which one it is, and in the middle of an
outage there is nobody to ask."""


def vendor_of(database: Any) -> Vendor:
    """Return the vendor of a database, given as a connection of Django's or as its alias.

    Raises:
        NotSupportedError: there is no class for it.
    """
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


def unserved(connection: Any) -> str:
    """Return what to say of a database that no class is for, or nothing; the server is not asked.

    A project without a database has a backend as well, whose vendor is unknown.
    """
    if connection.vendor in NAMES | {"unknown"}:
        return ""
    return _refusal(connection)


def _refusal(connection: Any) -> str:
    supported = ", ".join(vendor.__name__ for vendor in VENDORS)
    return (
        f"django-scim-provider does not support the database {connection.alias!r}: "
        f"its vendor is {connection.vendor!r}, and those supported are {supported}."
    )


def _made_for(connection: Any) -> Vendor:
    for vendor in VENDORS:
        if vendor.serves(connection):
            return vendor(connection)
    raise NotSupportedError(_refusal(connection))
