"""What is wrong and what to do, as the doctor, the page of failures and the health page know it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from written import definitions, literal, plain, table

from django_scim_provider.admin.connection_pages.advice import ADVICE, Advice
from django_scim_provider.admin.failure_pages.remedies import told_what_to_do
from django_scim_provider.core.errors import USER
from django_scim_provider.models import Failure
from django_scim_provider.tools import doctor
from django_scim_provider.tools.doctor.kinds import Kind, Level

SYMPTOMS = {
    "The address does not answer, or is not trusted": ("transport", "connection"),
    "Something else answers than SCIM": ("diagnosis", "prefix", "redirects"),
    "The token is refused": ("authorization", "token_state"),
    "Requests are held off, or answers are changed on the way": (
        *("throttle", "media_types", "etags"),
    ),
    "Discovery and addresses in answers are wrong": ("discovery", "locations", "behaviour"),
    "People cannot be made, changed or removed": ("probe_user", "clean_up"),
    "Times are wrong": ("clock",),
}
"""The modules of the doctor whose findings belong to a symptom."""
_DECLARATION = re.compile(r"^([A-Z_]+) = Kind\(", re.MULTILINE)
LEVELS = {Level.ERROR: "", Level.WARNING: " (warning)", Level.NOTE: " (note)"}
REMEDIES: dict[str, dict[str, object]] = {
    "Another user has the address": {
        "scim_type": "uniqueness",
        "resource_type": "User",
        "action": "create",
        "attribute": "emails.value",
        "collides_type": USER,
    },
    "Another user has the name": {
        "scim_type": "uniqueness",
        "resource_type": "User",
        "action": "create",
        "attribute": "userName",
        "collides_type": USER,
    },
    "The account exists in this connection": {
        "scim_type": "uniqueness",
        "resource_type": "User",
        "action": "create",
        "attribute": "userName",
        "collides_type": "User",
    },
    "The account exists and is inactive": {
        "scim_type": "uniqueness",
        "resource_type": "User",
        "action": "create",
        "attribute": "userName",
        "collides_type": "User",
        "is_away": True,
    },
    "Another group has the name": {
        "scim_type": "uniqueness",
        "resource_type": "Group",
        "action": "create",
        "attribute": "displayName",
    },
    "A required attribute is missing": {
        "scim_type": "invalidValue",
        "resource_type": "User",
        "action": "create",
        "attribute": "name.familyName",
        "detail": "name.familyName is required.",
    },
    "The address is none": {
        "scim_type": "invalidValue",
        "resource_type": "User",
        "action": "update",
        "attribute": "emails.value",
    },
    "A value has the wrong form": {
        "scim_type": "invalidValue",
        "resource_type": "User",
        "action": "update",
        "attribute": "title",
    },
}
"""Failures as the inbox keeps them, by what a person would say of them."""


def findings() -> list[str]:
    """Return all that the doctor can find, by symptom."""
    return list(_findings(_kinds()))


def _kinds() -> dict[str, list[Kind]]:
    """Return the kinds of findings by the module that declares them."""
    found: dict[str, list[Kind]] = {}
    for info in walk_packages(doctor.__path__, f"{doctor.__name__}."):
        module = import_module(info.name)
        declared = _DECLARATION.findall(inspect.getsource(module))
        if declared:
            found[info.name.rpartition(".")[2]] = [getattr(module, name) for name in declared]
    return found


def _findings(kinds: dict[str, list[Kind]]) -> Iterator[str]:
    for symptom, modules in SYMPTOMS.items():
        yield from (symptom, "-" * len(symptom), "")
        entries = [
            (
                f"{literal(kind.id)}{LEVELS[kind.level]}",
                (plain(kind.seen), f"**To do:** {plain(kind.change)}"),
            )
            for module in modules
            for kind in kinds.pop(module)
        ]
        yield from definitions(entries)
    if kinds:
        raise LookupError(f"no symptom names the findings of {', '.join(kinds)}")


def answers() -> list[str]:
    """Return what to do about each answer that refuses something."""
    return list(definitions((_asked(*key), _advised(ADVICE[key])) for key in ADVICE))


def _asked(status: int, scim_type: str, action: str, resource_type: str) -> str:
    where = [f"on {action}"] if action else []
    where += [f"of a {resource_type.lower()}"] if resource_type else []
    return " ".join([literal(f"{status} {scim_type}".strip()), *where])


def _advised(advice: Advice) -> list[str]:
    text = plain(advice.text)
    return [f"{text} See :doc:`/{advice.page.path}`." if advice.page else text]


def remedies() -> list[str]:
    """Return what the inbox of failures tells the administrator of the directory to do."""
    rows = []
    for said, facts in REMEDIES.items():
        values = {"status": 409 if facts["scim_type"] == "uniqueness" else 400, **facts}
        is_away = bool(values.pop("is_away", False))
        rows.append((said, plain(told_what_to_do(Failure(**values), is_away=is_away))))
    return table(("What is wrong", "What to do in the identity provider"), rows, "32 68")
