"""Each example of a setting passes the system checks of a project that has what it names."""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from types import ModuleType
from typing import Any

import django
import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.checks import check_settings
from django_scim_provider.conf import Settings
from django_scim_provider.resources import GroupStore, UserStore
from tests.documentation.blocks import DOCS
from tests.extensions import WORKPLACE
from tests.inventory.scim import PRINTERS

FIELDS = [field.name for field in dataclasses.fields(Settings)]


def function(*arguments: Any, **named: Any) -> None:
    """Stand for a function of the project."""


CODE: dict[str, dict[str, Any]] = {
    "accounts.scim": {
        "Adapter": type("Adapter", (DefaultAdapter,), {}),
        "WORKPLACE": WORKPLACE,
    },
    "shop.scim": {
        "DEVICES": PRINTERS,
        "Groups": type("Groups", (GroupStore,), {}),
        "Users": type("Users", (UserStore,), {}),
        "end_api_keys": function,
        "may_generate": function,
        "verify_token": function,
    },
    "shop.tenancy": {"schema_of": function},
}
"""What the examples name of a project's code, by its modules."""
IN_PLACE_OF = {
    "shop.Membership": "tenancy.Membership",
    "company": "organization",
    "job_title": "first_name",
    "/etc/ssl/own-authority.pem": DEFAULT_CA_BUNDLE_PATH,
}
"""What they name of models and files, and what the suite has in its place."""
OF_DJANGO_6 = ("CHECK_TASKS", "WEBHOOK_TASKS")
BESIDE: dict[str, dict[str, Any]] = {
    "MEMBERSHIP": {
        "ORGANIZATION_BACKEND": "django_scim_provider.organizations.MembershipModelBackend"
    },
}
"""Settings without which nothing is asked of another one."""


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the examples by the names of the settings; what they name can be imported."""
    monkeypatch.syspath_prepend(DOCS)
    for name, code in CODE.items():
        package = name.partition(".")[0]
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
        module = ModuleType(name)
        vars(module).update(code)
        monkeypatch.setitem(sys.modules, name, module)
    return dict(importlib.import_module("setting_examples").EXAMPLES)


@pytest.mark.parametrize("name", FIELDS)
def test_example_passes_the_checks(examples: dict[str, str], settings: Any, name: str) -> None:
    example = re.sub(
        r'"([^"]+)"', lambda found: f'"{IN_PLACE_OF.get(found[1], found[1])}"', examples[name]
    )
    settings.CACHES = {**settings.CACHES, "throttles": settings.CACHES["default"]}
    settings.SCIM_PROVIDER = {**BESIDE.get(name, {}), name: eval(example, {})}

    said = [message.msg for message in check_settings()]

    is_too_old = name in OF_DJANGO_6 and django.VERSION < (6, 0)
    assert said == ([f"SCIM_PROVIDER['{name}'] needs Django 6.0."] if is_too_old else [])


def test_no_example_is_of_another_setting(examples: dict[str, str]) -> None:
    assert examples.keys() == set(FIELDS)
