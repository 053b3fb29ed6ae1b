"""Django's own apps with keys that MongoDB makes, as the documentation of its backend asks for.

https://django-mongodb-backend.readthedocs.io/en/latest/howto/contrib-apps.html
"""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig

KEYS = "django_mongodb_backend.fields.ObjectIdAutoField"


class MongoAdminConfig(AdminConfig):
    """The admin."""

    default_auto_field = KEYS


class MongoAuthConfig(AuthConfig):
    """Users, groups and permissions."""

    default_auto_field = KEYS


class MongoContentTypesConfig(ContentTypesConfig):
    """The names of the models."""

    default_auto_field = KEYS


CONFIGS = {
    "admin": MongoAdminConfig,
    "auth": MongoAuthConfig,
    "contenttypes": MongoContentTypesConfig,
}
