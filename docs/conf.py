"""Sphinx configuration."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as distribution_version
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "example_project")]
os.environ.setdefault("SECRET_KEY", "documentation")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
django.setup()

project = "django-scim-provider"
author = "django-scim-provider contributors"
release = distribution_version("django-scim-provider")
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "django-scim-provider"
