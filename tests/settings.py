"""Settings of the test suite.

``DATABASE_URL`` picks the database and ``SCIM_TEST_USER_MODEL`` the user model.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django
import pymysql

from tests.databases import database_settings

pymysql.install_as_MySQLdb()

SECRET_KEY = "tests"
USE_TZ = True
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
AUTH_USER_MODEL = os.environ.get("SCIM_TEST_USER_MODEL", "auth.User")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_URL = "static/"
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # Django 6.1

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "django_scim_provider",
    "tests.tenancy",
    "tests.inventory",
]
if AUTH_USER_MODEL != "auth.User":
    INSTALLED_APPS.append(f"tests.projects.{AUTH_USER_MODEL.partition('.')[0]}")
else:
    # The packages that the app works with; other user models go without them.
    INSTALLED_APPS += [
        "rest_framework.authtoken",
        "knox",
        "rest_framework_simplejwt.token_blacklist",
        "oauth2_provider",
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.google",
        "allauth.socialaccount.providers.openid_connect",
        "allauth.socialaccount.providers.saml",
        "allauth.usersessions",
        "social_django",
        "organizations",
        "drf_spectacular",
    ]
    if django.VERSION >= (6, 0):
        INSTALLED_APPS.append("django_tasks_db")
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
if "allauth" in INSTALLED_APPS:
    MIDDLEWARE.append("allauth.account.middleware.AccountMiddleware")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL", "sqlite://"))}
_label = "" if AUTH_USER_MODEL == "auth.User" else "_" + AUTH_USER_MODEL.partition(".")[0]
_database = DATABASES["default"]
_database["TEST"] = {}
if _database["ENGINE"].endswith("sqlite3"):
    # A file, since threads cannot share an SQLite database in memory as requests share a real one.
    _name = f"django-scim-provider{_label}-{os.getpid()}.sqlite3"
    _database["TEST"]["NAME"] = str(Path(tempfile.gettempdir()) / _name)
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA synchronous=OFF",
    }
elif _label:
    # Runs beside the main suite, which holds its own test database on the same server.
    _database["TEST"]["NAME"] = f"test_{_database['NAME']}{_label}"
if _database["ENGINE"].endswith("postgresql"):
    # Nobody needs the database of tests after a crash, so that no commit waits for the disk.
    _database["OPTIONS"] = {"options": "-c synchronous_commit=off"}
if _database["ENGINE"].endswith("mysql"):
    # For each connection PyMySQL would read the certificates of the system anew, which takes longer
    # than the request that it is opened for.
    _database["OPTIONS"] = {"charset": "utf8mb4", "ssl_disabled": True}
    _database["TEST"]["CHARSET"] = "utf8mb4"

SCIM_PROVIDER = {
    # Cheap argon2: what its costs are in production is tested by themselves.
    "ARGON2": {"time_cost": 1, "memory_cost": 8, "parallelism": 1},
    "ORGANIZATION_BACKEND": "django_scim_provider.organizations.MembershipModelBackend",
    "MEMBERSHIP": {
        "model": "tenancy.Membership",
        "active": "is_active",
        "teams": {"tenancy.TeamMember": ("user", "team__organization")},
    },
    # A loaded machine takes its time; the limit has tests of its own.
    "BULK_TIME_LIMIT": 600,
    # The limits count per address and connection, which the tests share; they have their own tests.
    "THROTTLE_RATES": {"connection": None, "discovery": None, "failed_authentication": None},
}
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
OAUTH2_PROVIDER = {"PKCE_REQUIRED": False}
SIMPLE_JWT = {"SIGNING_KEY": "a key of tests that is long enough for HMAC with SHA-256"}
