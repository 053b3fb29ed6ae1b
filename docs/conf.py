"""Sphinx configuration."""

from __future__ import annotations

import dataclasses
import importlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Any

import django
from docutils.parsers.rst import Directive

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "example_project"), str(ROOT / "docs")]
os.environ.setdefault("SECRET_KEY", "documentation")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
django.setup()

# Beside this file; they need the app.
import attributes  # noqa: E402
import conformance_table  # noqa: E402
import profile_table  # noqa: E402
import proofreading  # noqa: E402
import settings_reference  # noqa: E402
import symptoms  # noqa: E402
import vendor_tables  # noqa: E402

project = "django-scim-provider"
author = "django-scim-provider contributors"
release = distribution_version("django-scim-provider")
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "django-scim-provider"
html_show_copyright = False  # the licence says it
html_static_path = ["static"]
html_css_files = ["pages.css"]

WITH_DEFAULTS = {"MembershipModel"}
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
    """Leave out what a dataclass is called with, whose fields follow, and what says nothing."""
    says_nothing = signature == "(*args, **kwargs)" or dataclasses.is_dataclass(obj)
    return ("", "") if what == "class" and says_nothing else None


def _find(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None


TABLES: dict[str, Callable[..., list[str]]] = {
    "switches": profile_table.table,
    "names": profile_table.names,
    "settings": settings_reference.settings,
    "vendor-connection": vendor_tables.connection,
    "vendor-fields": vendor_tables.fields,
    "vendor-attributes": vendor_tables.attributes,
    "vendor-switches": vendor_tables.switches,
    "vendor-rehearsal": vendor_tables.rehearsal,
    "doctor-findings": symptoms.findings,
    "refusals": symptoms.answers,
    "remedies": symptoms.remedies,
    "conformance": conformance_table.conformance,
    "conformance-numbers": conformance_table.numbers,
}
"""What is made from the code, by the name that pages call it by."""


class FromCode(Directive):
    """Lines that are made from the code: the name of one of ``TABLES``, and what it is about."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[Any]:
        """Put the lines in place of the directive."""
        name, *about = self.arguments
        self.state_machine.insert_input(TABLES[name](*about), f"made from code: {name}")
        return []


def setup(app: Any) -> None:
    """Come before napoleon, whose priority is 500."""
    app.connect("autodoc-process-docstring", process_docstring, priority=499)
    app.connect("autodoc-process-signature", process_signature)
    app.connect("build-finished", proofreading.proofread)
    app.add_directive("from-code", FromCode)
