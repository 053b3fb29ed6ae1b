"""The example project with the floor views beside the SCIM routes."""

from __future__ import annotations

from example.settings import *  # noqa: F403 - settings extend settings this way

ROOT_URLCONF = "benchmarks.urls"
DEBUG = False
LOGGING = {"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}}
