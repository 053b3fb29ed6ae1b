"""What the project's user model takes of a resource, and what it lacks when it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.user_fields import mapping_of
from django_scim_provider.conf import get_user_model
from django_scim_provider.core.errors import (
    USER,
    Collision,
    InvalidValue,
    NotPrepared,
    Uniqueness,
)
from django_scim_provider.core.folding import fold_name
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models.required_fields import fields_without_value
from django_scim_provider.storage.sql.vendors.error_codes import missing_value_of
from django_scim_provider.storage.users.mapping.one_to_one import link_of, related_model, split
from django_scim_provider.storage.users.writing.saving import save_user
from django_scim_provider.user_model import misfit, too_long, without_mere_text


def host_fields(
    adapter: DefaultAdapter,
    resource: Resource,
    profile: Profile,
    *,
    before: Resource | None = None,
    new: bool = False,
) -> dict[str, Any]:
    """Return the fields of the user model and the values that a resource gives them.

    ``before`` is what a changed account said until now: a value that does not fit is left out
    where it is none of the change, since the change may close a log-in. ``new`` is for a user who
    is made. What a map writes beside the user model is there by ``MapField.key``.

    Raises:
        InvalidValue: naming the attribute whose value does not fit its field.
    """
    values, mapping = _of_adapter(adapter, resource, profile, before), mapping_of(adapter)
    return values if mapping is None else values | mapping.host_values(resource, before, new=new)


def _of_adapter(
    adapter: DefaultAdapter, resource: Resource, profile: Profile, before: Resource | None
) -> dict[str, Any]:
    values, sent = adapter.user_fields(resource), adapter.as_sent(resource)
    if profile.texts_as_addresses:
        values = without_mere_text(values)
    problems = {name: _problem(name, value, sent.get(name)) for name, value in values.items()}
    unfit = {name: problem for name, problem in problems.items() if problem is not None}
    if not unfit:
        return values
    earlier = adapter.user_fields(before) if before is not None else {}
    for name, problem in unfit.items():
        if name not in earlier or earlier[name] != values[name]:
            attribute = adapter.attribute_of(name, resource)
            raise InvalidValue(f"{attribute}{problem}", attribute=attribute)
    return {name: value for name, value in values.items() if name not in unfit}


def _problem(name: str, value: Any, sent: str | None) -> str | None:
    """Return what follows on the name of the attribute, where a field does not take its value."""
    model = get_user_model()
    if (by_length := too_long(model, name, value, sent)) is not None:
        return f" {by_length}"
    other = misfit(model, name, value)
    return None if other is None else f": {other}"


def create_user(
    adapter: DefaultAdapter, resource: Resource, fields: dict[str, Any]
) -> AbstractBaseUser:
    """Return the user that the adapter makes.

    Raises:
        InvalidValue: the adapter gives a field what the resource lacks, and the field needs one.
    """
    adapter.saved_by = save_user
    with _naming_attributes(adapter, resource, fields):
        return adapter.create_user(resource, fields)


def update_user(
    adapter: DefaultAdapter,
    user: AbstractBaseUser,
    resource: Resource,
    fields: dict[str, Any],
    *,
    active: bool | None,
) -> None:
    """Have the adapter bring the user in line with the resource; raises as ``create_user``."""
    adapter.saved_by = save_user
    with _naming_attributes(adapter, resource, fields):
        adapter.update_user(user, resource, fields, active=active)


@contextmanager
def _naming_attributes(
    adapter: DefaultAdapter, resource: Resource, fields: Mapping[str, Any]
) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        column = missing_value_of(error)
        for field in get_user_model()._meta.concrete_fields:
            # What the adapter does not give at all is the project's to mend, not the client's.
            given = fields.get(field.name, fields.get(field.attname, error))
            if column in (field.column, field.name) and given is None:
                attribute = adapter.attribute_of(field.name, resource)
                raise InvalidValue(f"{attribute} is required.", attribute=attribute) from error
        raise


def claimed(
    adapter: DefaultAdapter, user: AbstractBaseUser, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return fields without the names and addresses that the user has already."""
    identity = adapter.identity_fields()
    return {
        name: value
        for name, value in fields.items()
        if name not in identity or getattr(user, name) != value
    }


def new_names(
    adapter: DefaultAdapter, user: AbstractBaseUser, fields: Mapping[str, Any], resource: Resource
) -> dict[str, str]:
    """Return new names and addresses of a user, folded, and the attributes that they come from.

    ``""`` stands for one that is taken away.
    """
    new = claimed(adapter, user, fields)
    return {
        fold_name(str(new[name] or "")): adapter.attribute_of(name, resource)
        for name in sorted(adapter.identity_fields() & new.keys())
    }


def refuse_repeated(adapter: DefaultAdapter, fields: Mapping[str, Any], *, own: Any) -> None:
    """Raise where another user has what fields of the project may hold only once.

    ``own`` is the key of the user who is written, None for a new one.

    Raises:
        Uniqueness: naming the attribute.
        NotPrepared: a new user gets no value, as another one did not.
    """
    model: Any = get_user_model()
    others = model._base_manager.using(adapter.using).exclude(pk=own)
    _refuse_held(adapter, others, fields)
    for relation, values in split(fields)[1].items():
        rows = related_model(relation)._base_manager.using(adapter.using)
        link = link_of(relation)
        _refuse_held(adapter, rows.exclude(**{link: own}), values, relation, link)
    for name in fields_without_value(model, fields) if own is None else ():
        field = model._meta.get_field(name)
        if field.empty_strings_allowed and others.filter(**{name: ""}).exists():
            raise NotPrepared.lacks(name)


def _refuse_held(
    adapter: DefaultAdapter,
    others: Any,
    fields: Mapping[str, Any],
    relation: str = "",
    user: str = "pk",
) -> None:
    """Refuse what another row of a model has; ``user`` is where it names the user that it is of."""
    for names in _unique(others.model):
        held = {name: fields.get(name) for name in names}
        if None in held.values():
            continue
        if (holder := others.filter(**held).values_list(user, flat=True).first()) is not None:
            key = f"{relation}.{names[0]}" if relation else names[0]
            attribute = adapter.attribute_of(key, dict(adapter.context.resource or {}))
            raise Uniqueness(
                f"{attribute} is already in use.",
                attribute=attribute,
                collision=Collision(USER, str(holder)),
            )


def _unique(model: Any) -> Iterator[tuple[str, ...]]:
    """Yield the fields that are unique, alone or together."""
    yield from (constraint.fields for constraint in model._meta.total_unique_constraints)
    yield from model._meta.unique_together
    yield from ((field.name,) for field in model._meta.concrete_fields if field.unique)
