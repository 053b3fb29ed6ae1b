"""Sphinx configuration."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
import sys
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Any

import django
from docutils.parsers.rst import Directive
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "example_project"), str(ROOT / "docs")]
os.environ.setdefault("SECRET_KEY", "documentation")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
django.setup()

import attributes  # noqa: E402 - beside this file
import profile_table  # noqa: E402 - beside this file, needs the app

project = "django-scim-provider"
author = "django-scim-provider contributors"
release = distribution_version("django-scim-provider")
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "django-scim-provider"


WITH_DEFAULTS = {"Settings", "MembershipModel"}
"""What projects write; of other classes the defaults say nothing to anybody."""


def process_docstring(
    app: Any, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Show attributes as they are meant, with their defaults."""
    if what != "attribute":
        return
    attributes.keep_colons(lines)
    module, _, path = name.rpartition(".")
    owner = _find(module)
    if isinstance(owner, type) and owner.__name__ in WITH_DEFAULTS:
        attributes.show_default(owner, path, lines)


def process_signature(
    app: Any, what: str, name: str, obj: Any, options: object, signature: str, returns: str
) -> tuple[str, str] | None:
    """Leave out what a dataclass is called with: its fields follow, with their defaults."""
    return ("", "") if what == "class" and dataclasses.is_dataclass(obj) else None


def _find(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None


class Generated(Directive):
    """A table that is made from the code."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Put the lines in place of the directive."""
        tables = {"switches": profile_table.table, "vendors": profile_table.vendors}
        lines = tables[self.arguments[0]]()
        self.state_machine.insert_input(lines, "core/profiles.py")
        return []


def proofread(app: Any, problem: Exception | None) -> None:
    """Refuse pages on which an attribute is shown as a type, or a default as what makes it."""
    for page in Path(app.outdir).rglob("*.html") if problem is None else ():
        text = page.read_text()
        if "&lt;factory&gt;" in text or re.search(r'<dt class="field-\w+">Type', text):
            raise ExtensionError(f"{page}: an attribute is shown as a type, or <factory>")


def setup(app: Any) -> None:
    """Come before napoleon, whose priority is 500."""
    app.connect("autodoc-process-docstring", process_docstring, priority=499)
    app.connect("autodoc-process-signature", process_signature)
    app.connect("build-finished", proofread)
    app.add_directive("profile-table", Generated)
