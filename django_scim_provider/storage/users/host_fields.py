"""What the project's user model takes of a resource: each value held to the field it is for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.user_model import misfit


def host_fields(
    adapter: DefaultAdapter, resource: Resource, *, before: Resource | None = None
) -> dict[str, Any]:
    """Return the fields of the user model and the values that a resource gives them.

    ``before`` is what a changed account said until now: a value that does not fit is left out
    where it is none of the change, since the change may close a log-in.

    Raises:
        InvalidValue: naming the attribute whose value does not fit its field.
    """
    values = adapter.user_fields(resource)
    problems = {name: misfit(get_user_model(), name, value) for name, value in values.items()}
    unfit = {name: problem for name, problem in problems.items() if problem is not None}
    if not unfit:
        return values
    earlier = adapter.user_fields(before) if before is not None else {}
    for name, problem in unfit.items():
        if name not in earlier or earlier[name] != values[name]:
            raise InvalidValue(f"{adapter.attribute_of(name, resource)}: {problem}")
    return {name: value for name, value in values.items() if name not in unfit}
