"""Settings of the test suite on MongoDB: Django's own apps and ours, and no others.

Apps of other packages bring migrations and keys that MongoDB does not have. ``DATABASE_URL`` or
``SCIM_PROVIDER_MONGODB_URL`` names a server; without, one is started.
"""

from __future__ import annotations

import os

from tests.databases import database_settings
from tests.mongodb import apps
from tests.mongodb.starting import server_url
from tests.plain_settings import *  # noqa: F403 - the same project but for its database
from tests.plain_settings import INSTALLED_APPS
from tests.settings import SCIM_PROVIDER

_OWN = {
    f"django.contrib.{label}": f"{apps.__name__}.{config.__name__}"
    for label, config in apps.CONFIGS.items()
}
INSTALLED_APPS[:] = [_OWN.get(app, app) for app in INSTALLED_APPS]
# A loaded machine takes its time, and nobody waits in a lock here: all begin again.
SCIM_PROVIDER |= {"RETRY_TIME_LIMIT": 60, "QUERY_TIME_LIMIT": 60}
DEFAULT_AUTO_FIELD = apps.KEYS
MIGRATION_MODULES = {
    **{label: f"tests.mongodb.migrations.{label}" for label in apps.CONFIGS},
    # Their migrations have integer keys; here the tables are made from the models.
    "tenancy": None,
    "inventory": None,
}
DATABASES = {"default": database_settings(server_url())}
if "SCIM_TEST_MONGODB_NAME" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["SCIM_TEST_MONGODB_NAME"]
