"""What the settings take from the environment."""

from __future__ import annotations

import importlib.util
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool = False) -> bool:
    """Return a variable that says yes or no."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def text(name: str) -> str:
    """Return a variable; empty where it is not set."""
    return os.environ.get(name, "")


def listed(name: str, default: str) -> list[str]:
    """Return the parts of a comma-separated variable."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def installed(module: str) -> bool:
    """Tell whether a top-level module can be imported."""
    return importlib.util.find_spec(module) is not None


def secret_key(file: Path) -> str:
    """Return ``SECRET_KEY``, or the key in ``file``, which is made where it is missing."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if not file.exists():
        with NamedTemporaryFile("w", dir=file.parent, prefix=file.name) as new:
            new.write(secrets.token_urlsafe(48))
            new.flush()
            # Of several processes that start together, one wins, and all read what it wrote.
            with suppress(FileExistsError):
                os.link(new.name, file)
    return file.read_text()


def database(default: str) -> dict[str, Any]:
    """Return Django's settings for ``DATABASE_URL``: sqlite, postgres, mysql or mssql.

    Connections live for ``CONN_MAX_AGE`` seconds, which ``example.asgi`` sets to 0.

    Raises:
        ImproperlyConfigured: it names MongoDB, which has no integer keys; those of
            django-organizations are.
    """
    url, age = os.environ.get("DATABASE_URL", default), os.environ.get("CONN_MAX_AGE", "600")
    scheme, _, rest = url.partition("://")
    if scheme in {"mongodb", "mongodb+srv"}:
        raise ImproperlyConfigured(
            "The example project does not run on MongoDB: django-organizations has integer keys."
        )
    if scheme == "mssql":  # as django-environ calls it; to dj-database-url it is an older backend
        url = f"mssqlms://{rest}"
    settings: dict[str, Any] = {
        **dj_database_url.parse(url, conn_max_age=int(age), conn_health_checks=True)
    }
    options = settings.setdefault("OPTIONS", {})
    engine = settings["ENGINE"].rpartition(".")[2]
    if engine == "sqlite3":
        # Writers queue instead of failing, and readers do not wait for them.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        )
    elif engine == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()
        options.setdefault("charset", "utf8mb4")
    return settings


def cache(default: str) -> dict[str, Any]:
    """Return Django's settings for ``CACHE_URL``: locmem or redis."""
    url = os.environ.get("CACHE_URL", default)
    if url.partition("://")[0] in {"redis", "rediss"}:
        # A server that hangs costs this long, once in a while, and not five seconds.
        options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
        backend = "django.core.cache.backends.redis.RedisCache"
        return {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
