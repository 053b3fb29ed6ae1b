"""What values become on their way between attributes and fields."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from django_scim_provider.attribute_map.conversion import (
    Unfit,
    for_attribute,
    for_field,
    without_value,
)
from django_scim_provider.core.schemas.definitions import Attribute, AttributeType

AT = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)


class Size(models.TextChoices):
    """Choices of a field."""

    SMALL = "s"


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        (models.CharField(max_length=5), "a", "a"),
        (models.CharField(max_length=5), 12, "12"),
        (models.CharField(max_length=5), True, "true"),
        (models.BooleanField(), "False", False),
        (models.IntegerField(), "12", 12),
        (models.DecimalField(max_digits=4, decimal_places=2), 1.5, Decimal("1.5")),
        (models.DateField(), "2026-01-02T03:04:00Z", AT.date()),
        (models.DateField(), "2026-01-02", AT.date()),
        (models.DateTimeField(), "2026-01-02T03:04:00", AT),
        (models.DateTimeField(), "2026-01-02T04:04:00+01:00", AT),
        (models.JSONField(), [{"a": 1}], [{"a": 1}]),
        (models.CharField(choices=Size.choices, max_length=1), "s", "s"),
    ],
)
def test_field_holds_what_an_attribute_says(field: Any, value: Any, held: Any) -> None:
    assert for_field(field, value, None, None) == held


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        (models.CharField(max_length=2), "abc", " is longer than 2 characters: it has 3."),
        (models.CharField(max_length=9), ["a"], ": it has several parts, and a text is needed."),
        (models.IntegerField(), "1.5", ": “1.5” value must be an integer."),
        (models.BooleanField(), "yes", ": “yes” value must be either True or False."),
        (models.DateField(), "2026-02-30T00:00:00Z", ": day is out of range for month"),
        (models.CharField(choices=Size.choices), "x", ": Value 'x' is not a valid choice."),
        (models.EmailField(), "x", ": Enter a valid email address."),
        (models.DecimalField(max_digits=2, decimal_places=1), 1.55, ": Ensure that there are no "),
    ],
)
def test_field_says_what_it_does_not_take(field: Any, value: Any, problem: str) -> None:
    with pytest.raises(Unfit) as caught:
        for_field(field, value, None, None)

    assert str(caught.value).startswith(problem)


def test_functions_and_choices_come_before_the_field() -> None:
    field: Any = models.CharField(max_length=9)

    assert for_field(field, "A", str.lower, {"a": "first"}) == "first"
    with pytest.raises(Unfit, match=r"^: 'b' is none of a\.$"):
        for_field(field, "B", str.lower, {"a": "first"})
    with pytest.raises(Unfit, match=r"^: invalid literal"):
        for_field(field, "B", int, None)


@pytest.mark.parametrize(
    ("field", "held"),
    [
        (models.CharField(), ""),
        (models.CharField(null=True), None),
        (models.CharField(default="en"), "en"),
        (models.IntegerField(db_default=3), 3),
        (models.JSONField(default=list), []),
    ],
)
def test_field_without_value(field: Any, held: Any) -> None:
    assert without_value(field) == held


def test_field_that_needs_a_value_says_so() -> None:
    with pytest.raises(Unfit, match=r"^ is required\.$"):
        without_value(models.DateField())


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        ("string", Decimal("1.50"), "1.50"),
        ("string", Size.SMALL, "s"),
        ("string", True, "true"),
        ("string", AT.date(), "2026-01-02"),
        ("dateTime", AT, "2026-01-02T03:04:00.000Z"),
        ("dateTime", AT.date(), "2026-01-02T00:00:00.000Z"),
        ("boolean", 1, True),
        ("integer", 3, 3),
        ("decimal", Decimal("1.5"), 1.5),
        ("string", "", None),
        ("string", ["a"], ["a"]),
    ],
)
def test_attribute_shows_what_a_field_holds(type: AttributeType, value: Any, shown: Any) -> None:
    found = for_attribute(Attribute(name="x", type=type), value, None, None)

    assert (found, found.__class__) == (shown, shown.__class__)


def test_attribute_shows_its_own_word_for_a_choice() -> None:
    attribute = Attribute(name="x")

    assert for_attribute(attribute, "s", None, {"Small": "s", "Tiny": "s"}) == "Small"
    assert for_attribute(attribute, "s", str.upper, None) == "S"
    assert for_attribute(attribute, None, None, {"Small": "s"}) is None
