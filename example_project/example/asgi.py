"""The ASGI application: ``uvicorn --app-dir example_project example.asgi:application``."""

from __future__ import annotations

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
# Django gives each request a thread, in which a connection that stays open is never used again.
os.environ.setdefault("CONN_MAX_AGE", "0")

# So that the admin has its style sheets; in production the web server sends static files.
application = ASGIStaticFilesHandler(get_asgi_application())
