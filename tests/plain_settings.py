"""The settings of a project with Django's own apps and ours, and those of no other package."""

from __future__ import annotations

from tests.settings import *  # noqa: F403 - the same project but for its apps
from tests.settings import INSTALLED_APPS, MIDDLEWARE, REST_FRAMEWORK

_KEPT = ("django.contrib.", "django_scim_provider", "rest_framework", "tests.")
_WITHOUT = ("rest_framework.authtoken", "rest_framework_simplejwt")
INSTALLED_APPS[:] = [
    app for app in INSTALLED_APPS if app.startswith(_KEPT) and not app.startswith(_WITHOUT)
]
MIDDLEWARE[:] = [each for each in MIDDLEWARE if each.startswith("django.")]
REST_FRAMEWORK.clear()  # its schema is drf-spectacular's
