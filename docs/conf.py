"""Sphinx configuration."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Any

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


def keep_colons(
    app: Any, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Begin what is said of an attribute with a comment, which shows nothing.

    napoleon takes what stands before a colon in the first line for the type of the attribute.
    """
    if what == "attribute":
        lines[:0] = ["..", ""]


def setup(app: Any) -> None:
    """Come before napoleon, whose priority is 500."""
    app.connect("autodoc-process-docstring", keep_colons, priority=499)
