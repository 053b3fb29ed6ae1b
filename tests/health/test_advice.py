"""Advice: every answer of ours has some, and it points at documentation that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from django_scim_provider.admin.connection_pages.advice import (
    ADVICE,
    OTHER_FAILURE,
    OTHER_REFUSAL,
    Advice,
    advice_for,
)
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.models import ProvisioningEvent

DOCS = Path(__file__).resolve().parents[2] / "docs"


def errors(base: type[SCIMError] = SCIMError) -> Iterator[type[SCIMError]]:
    yield base
    for kind in base.__subclasses__():
        if kind.__module__.startswith("django_scim_provider."):
            yield from errors(kind)


def headings(page: str) -> set[str]:
    """Return the ids that Sphinx gives the headings of a page."""
    text = (DOCS / f"{page}.rst").read_text()
    titles = re.findall(r"^(.+)\n[=\-~^]{3,}$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in titles}


@pytest.mark.parametrize("error", sorted(set(errors()), key=str))
def test_each_error_has_advice_of_its_own(error: type[SCIMError]) -> None:
    assert (error.status, error.scim_type or "", "", "") in ADVICE


def test_advice_is_for_what_can_happen() -> None:
    answers = {(error.status, error.scim_type or "") for error in errors()}
    actions = {"", *ProvisioningEvent.Action.values}

    assert {key[:2] for key in ADVICE} == answers
    assert {key[2] for key in ADVICE} <= actions


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ((409, "uniqueness", "create", "User"), "on the page of failures"),
        ((409, "uniqueness", "update", "User"), "must be unique is in use"),
        ((409, "uniqueness", "create", "Group"), "Another group"),
        ((409, "", "update", "User"), "met another one"),
        ((403, "mutability", "delete", "User"), "owner of the connection"),
        ((403, "mutability", "delete", "Device"), "still needs the resource"),
        ((403, "", "create", "User"), "scope"),
        ((400, "invalidValue", "update", "Group"), "pushed before its people"),
        ((400, "invalidValue", "create", "User"), "required value"),
        ((400, "ofTheProject", "create", "User"), "not valid"),
        ((413, "", "", ""), "BULK_MAX_OPERATIONS"),
        ((429, "", "create", "User"), "THROTTLE_RATES"),
        ((503, "", "update", "User"), "REVOKERS"),
    ],
)
def test_most_particular_advice_is_given(failure: tuple[int, str, str, str], words: str) -> None:
    assert words in str(advice_for(*failure).text)


@pytest.mark.parametrize(
    ("status", "advice"),
    [(422, OTHER_REFUSAL), (None, OTHER_REFUSAL), (507, OTHER_FAILURE)],
)
def test_unknown_answers_have_advice_too(status: int | None, advice: Advice) -> None:
    assert advice_for(status, "", "update", "User") is advice


@pytest.mark.parametrize("key", ADVICE)
def test_documentation_that_is_named_exists(key: Any) -> None:
    page = ADVICE[key].page

    assert page is not None
    found = headings(page.path)
    assert re.sub(r"[^a-z0-9]+", "-", page.title.lower()) in found
    assert page.section in {"", *found}


def test_address_is_where_the_project_publishes_it(scim_settings: Any) -> None:
    page = ADVICE[403, "mutability", "", "User"].page
    assert page is not None

    nowhere = page.address
    scim_settings(DOCS_URL="https://docs.example.com/scim/")

    assert nowhere is None
    assert page.address == (
        "https://docs.example.com/scim/explanation/life-cycle.html#who-is-never-touched"
    )
