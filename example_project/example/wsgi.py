"""The WSGI application: ``gunicorn --chdir example_project example.wsgi``."""

from __future__ import annotations

import os

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")

# So that the admin has its style sheets; in production the web server sends static files.
application = StaticFilesHandler(get_wsgi_application())
