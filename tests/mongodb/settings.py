"""Settings of the test suite on MongoDB: Django's own apps and ours, and no others.

Apps of other packages bring migrations and keys that MongoDB does not have.
"""

from __future__ import annotations

import os

from tests import settings as usual
from tests.mongodb.apps import KEYS
from tests.mongodb.starting import server_url
from tests.settings import *  # noqa: F403 - the same project but for its database and apps

INSTALLED_APPS = [
    "tests.mongodb.apps.MongoAdminConfig",
    "tests.mongodb.apps.MongoAuthConfig",
    "tests.mongodb.apps.MongoContentTypesConfig",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "django_scim_provider",
    "tests.tenancy",
    "tests.inventory",
]
MIDDLEWARE = [each for each in usual.MIDDLEWARE if not each.startswith("allauth.")]
REST_FRAMEWORK.clear()  # noqa: F405 - its schema is drf-spectacular's
DEFAULT_AUTO_FIELD = KEYS
MIGRATION_MODULES = {
    **{app: f"tests.mongodb.migrations.{app}" for app in ("admin", "auth", "contenttypes")},
    # Their migrations have integer keys; here the tables are made from the models.
    "tenancy": None,
    "inventory": None,
}
DATABASES = {
    "default": {
        "ENGINE": "django_mongodb_backend",
        "HOST": server_url(),
        "NAME": os.environ.get("SCIM_TEST_MONGODB_NAME", "scim"),
    }
}
SILENCED_SYSTEM_CHECKS = ["scim_provider.E015"]
