"""The models hold nothing that MongoDB or SQL Server take otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import AutoField, Model, UniqueConstraint

MODELS = list(apps.get_app_config("scim_provider").get_models(include_auto_created=True))


def unique_fields(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """Yield the names of fields that are unique together."""
    yield from map(tuple, model._meta.unique_together)
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(constraint.fields)
    for field in model._meta.local_fields:
        if field.unique:
            yield (field.name,)


@pytest.mark.parametrize("model", MODELS)
def test_no_key_is_given_by_the_database(model: type[Model]) -> None:
    # MongoDB gives no integers.
    assert not isinstance(model._meta.pk, AutoField)


@pytest.mark.parametrize("model", MODELS)
def test_no_column_of_a_unique_constraint_is_nullable(model: type[Model]) -> None:
    # To SQL Server two NULLs are equal, to the others they are not.
    found = [
        name
        for names in unique_fields(model)
        for name in names
        if getattr(model._meta.get_field(name), "null", False)
    ]
    assert found == []


@pytest.mark.parametrize("model", MODELS)
def test_no_unique_constraint_and_no_index_has_a_condition(model: type[Model]) -> None:
    # MariaDB leaves them out, MongoDB's migrations fail.
    constraints = [each for each in model._meta.constraints if isinstance(each, UniqueConstraint)]
    assert [each.name for each in constraints if each.condition is not None] == []
    assert [each.name for each in model._meta.indexes if each.condition is not None] == []


@pytest.mark.parametrize("model", MODELS)
def test_no_unique_constraint_and_no_index_is_of_an_expression(model: type[Model]) -> None:
    # Neither MongoDB's backend nor SQL Server's makes one.
    constraints = [each for each in model._meta.constraints if isinstance(each, UniqueConstraint)]
    assert [each.name for each in constraints if each.expressions] == []
    assert [each.name for each in model._meta.indexes if each.expressions] == []
