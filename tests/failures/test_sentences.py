"""The sentence of a failure has no value of the request in it."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidPath, InvalidValue, SCIMError
from django_scim_provider.core.schemas import USER
from django_scim_provider.storage.failures.sentences import attribute_of_error, without_values


@pytest.mark.parametrize(
    ("detail", "body", "told"),
    [
        pytest.param("userName is required.", {"userName": ""}, "userName is required.", id="none"),
        pytest.param(
            "active must be true or false, not 'Ann Lee'.",
            {},
            "active must be true or false, not ….",
            id="single-quotes",
        ),
        pytest.param(
            "active must be true or false, not \"Ann 'Lee'\".",
            {},
            "active must be true or false, not ….",
            id="double-quotes",
        ),
        pytest.param("“Ann” is no choice.", {}, "… is no choice.", id="quotes-of-django"),
        pytest.param("Not 'Ann Lee was cut", {}, "Not …", id="quote-that-was-cut"),
        pytest.param(
            'emails[type eq "work" and value eq "a@x.example"].value is immutable.',
            {},
            "emails[…].value is immutable.",
            id="filter",
        ),
        pytest.param("ann@x.example is banned.", {}, "… is banned.", id="address"),
        pytest.param(
            "Mr Lee-Smith is banned.",
            {"name": {"familyName": "lee-smith"}},
            "Mr … is banned.",
            id="value-of-the-body",
        ),
        pytest.param("Badge 12345 is lost.", {"badge": 12345}, "Badge … is lost.", id="number"),
        pytest.param("Call 4915112345678.", {}, "Call ….", id="telephone"),
        pytest.param(
            "The user's title isn't allowed.",
            {"Operations": [{"op": "replace", "path": "title", "value": "Dr"}]},
            "The user's title isn't allowed.",
            id="apostrophes-and-paths-stay",
        ),
    ],
)
def test_values_are_left_out(detail: str, body: Any, told: str) -> None:
    assert without_values(detail, body) == told


@pytest.mark.parametrize(
    ("error", "attribute"),
    [
        (InvalidValue("username is required."), "userName"),
        (InvalidValue("emails[0].value: Enter a valid address."), "emails.value"),
        (InvalidValue("name.familyName must be text."), "name.familyName"),
        (InvalidValue("The value is wrong.", attribute="title"), "title"),
        (InvalidPath("ann.smith is not an attribute of User."), ""),
        (InvalidValue("Ann is wrong."), ""),
    ],
)
def test_attribute_is_what_the_sentence_begins_with(error: SCIMError, attribute: str) -> None:
    assert attribute_of_error(error, USER) == attribute
