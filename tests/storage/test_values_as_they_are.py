"""Which values of the app's rows go to the driver without Django's own way for each."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models

from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.fields import ExactCharField, ExactTextField, FoldedField
from django_scim_provider.models.moments import MomentField
from django_scim_provider.storage.sql.running import adapted, kept_by, valued


class Trimmed(models.CharField):  # type: ignore[type-arg]  # generic for type checkers only
    """Makes another text of what it is given."""

    def get_prep_value(self, value: Any) -> Any:
        """Leave out blanks at the ends."""
        return str(value).strip()


class Negated(models.BooleanField):  # type: ignore[type-arg]  # as above
    """Makes another flag of what it is given."""

    def to_python(self, value: Any) -> Any:
        """Say the opposite."""
        return not value


class Printed(models.UUIDField):  # type: ignore[type-arg]  # as above
    """Is a text in every database."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return digits and dashes."""
        return str(value)


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (models.CharField, {str, type(None)}),
        (models.TextField, {str, type(None)}),
        (ExactCharField, {str, type(None)}),
        (ExactTextField, {str, type(None)}),
        (FoldedField, {str, type(None)}),
        (Trimmed, set()),
        (models.BooleanField, {bool, type(None)}),
        (Negated, set()),
        (models.IntegerField, set()),
        (MomentField, set()),
        (models.UUIDField, {UUID, type(None)}),
        (Printed, set()),
        (models.ForeignKey, set()),
    ],
)
def test_field_that_changes_nothing_about_a_value_is_not_asked(kind: Any, types: set[type]) -> None:
    assert kept_by(kind) == types


VALUES = ["", "Ann", None, True, False, uuid4()]


@pytest.mark.parametrize("name", ["id", "provider", "active", "external_id", "user"])
def test_values_are_adapted_as_the_fields_say(name: str) -> None:
    field: Any = LinkedAccount._meta.get_field(name)
    for value in VALUES:
        try:
            expected = field.get_db_prep_save(value, connection)
        except (TypeError, ValueError, ValidationError) as error:
            with pytest.raises(type(error)):
                adapted([field], [value], connection)
        else:
            assert adapted([field], [value], connection) == [expected]


def test_key_is_adapted_by_what_it_refers_to() -> None:
    field: Any = AccountEmail._meta.get_field("account")
    key = uuid4()

    assert valued(field) is LinkedAccount._meta.pk
    assert adapted([valued(field)], [key], connection) == [field.get_db_prep_save(key, connection)]
