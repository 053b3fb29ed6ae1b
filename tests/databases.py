"""What a URL says of a database: those that dj-database-url knows, MongoDB's and SQL Server's.

MongoDB's backend takes the whole URL for its host, as a URL may name several servers. ``mssql://``
is what django-environ calls SQL Server, ``mssqlms://`` what dj-database-url calls it; its own
``mssql://`` is a backend that is no longer maintained.
"""

from __future__ import annotations

import importlib.util
import socket
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url

MONGODB = {"mongodb", "mongodb+srv"}
SQL_SERVER = {"mssql", "mssqlms"}
PORTS = {"mongodb": 27017, "mssql": 1433, "mssqlms": 1433}
BACKENDS = {
    "django_mongodb_backend": "django-mongodb-backend",
    "mssql": "mssql-django",
}
"""The modules of Django's backends, and the packages that bring them."""


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a database."""
    scheme, separator, rest = url.partition("://")
    if scheme in MONGODB:
        name = unquote(urlsplit(url).path.strip("/")) or "scim"
        return {"ENGINE": "django_mongodb_backend", "HOST": url, "NAME": name}
    if scheme in SQL_SERVER:
        url = f"mssqlms{separator}{rest}"
    return {**dj_database_url.parse(url)}


def why_not(url: str) -> str:
    """Return in one line why nothing can be tested on a database server, or nothing."""
    module = database_settings(url)["ENGINE"]
    if importlib.util.find_spec(module) is None:
        return f"{BACKENDS[module]} is not installed"
    parts = urlsplit(url)
    if parts.scheme == "mongodb+srv":
        return ""  # asking for its servers is up to the driver
    host, _, port = parts.netloc.rpartition("@")[2].partition(",")[0].partition(":")
    try:
        socket.create_connection((host, int(port or PORTS[parts.scheme])), timeout=3).close()
    except OSError as error:
        return f"no server answers at {host}: {error}"
    return ""
