"""Settings of every project that is measured.

``BENCHMARK_PROJECT`` says which one: ``floor``, ``ours``, ``django-scim2`` or
``django-scim2-server``. ``DATABASE_URL`` names its database.
"""

from __future__ import annotations

import os
from typing import Any

import dj_database_url

PROJECT = os.environ["BENCHMARK_PROJECT"]

SECRET_KEY = "benchmarks"  # noqa: S105 - guards nothing
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
APPEND_SLASH = False
LOGGING_CONFIG = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

_database: dict[str, Any] = {**dj_database_url.parse(os.environ["DATABASE_URL"])}
_database["CONN_MAX_AGE"] = None  # connections stay, and nothing asks whether they do
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-"
            + os.environ.get("BENCHMARK_SQLITE_CACHE", "65536")
        ),
    }
elif _database["ENGINE"].endswith("mysql"):
    import pymysql

    pymysql.install_as_MySQLdb()
    _database["OPTIONS"] = {"charset": "utf8mb4"}
DATABASES = {"default": _database}

# Sets Content-Length, as any project's would; the floors do so themselves.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
ROOT_URLCONF = f"benchmarks.projects.{PROJECT.replace('-', '_')}.urls"

if PROJECT == "floor":
    INSTALLED_APPS = ["rest_framework"]
    MIDDLEWARE = []
    REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "UNAUTHENTICATED_TOKEN": None}
elif PROJECT == "ours":
    INSTALLED_APPS += ["rest_framework", "django_scim_provider"]
    # Requests are counted as ever, against limits that the load does not reach.
    _limits = ("connection", "discovery", "failed_authentication")
    SCIM_PROVIDER = {"THROTTLE_RATES": dict.fromkeys(_limits, "1000000000/day")}
else:
    MIDDLEWARE.append("benchmarks.projects.constant_token.ConstantToken")
    if PROJECT == "django-scim2":
        INSTALLED_APPS += ["django_scim", "benchmarks.projects.django_scim2"]
        AUTH_USER_MODEL = "django_scim2.User"
        SCIM_SERVICE_PROVIDER = {
            "NETLOC": "127.0.0.1",
            "SCHEME": "http",
            "AUTHENTICATION_SCHEMES": [
                {"type": "oauthbearertoken", "name": "Bearer", "description": "constant"}
            ],
            "GROUP_MODEL": "benchmarks.projects.django_scim2.models.Group",
            # Its own map knows neither externalId nor emails.value; a project adds them.
            "USER_FILTER_PARSER": "benchmarks.projects.django_scim2.filters.UserFilters",
        }
    else:
        INSTALLED_APPS += ["django_scim2_server"]
