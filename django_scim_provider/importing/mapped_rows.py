"""People from anything: a queryset, objects or dicts, by a mapping that says what is what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db.models import Field, QuerySet
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.importing.chunks import chunks
from django_scim_provider.importing.records import ImportedPerson
from django_scim_provider.models.batches import BATCH, in_batches

Source: TypeAlias = str | Callable[[Any], Any]
"""The name of a column or attribute, or a function of the row."""
_OWN = ("user", "id", "created")
"""Keys of a mapping that are no paths of SCIM."""


def mapped_rows(
    rows: Iterable[Any], mapping: Mapping[str, Source], match: str = "pk"
) -> Iterator[ImportedPerson]:
    """Yield the people that rows are, with the users of the project; see ``import_people``.

    Raises:
        ValidationError: no user can be found by the field ``match``.
    """
    field = match_field(match)
    if isinstance(rows, QuerySet):
        rows = chain.from_iterable(in_batches(rows))
    number = 0
    for chunk in chunks(rows, BATCH):
        users = _users(chunk, mapping.get("user"), match, field)
        for row, (user, problem) in zip(chunk, users, strict=True):
            number += 1
            yield _person(row, mapping, user, problem, number)


def match_field(name: str) -> Field[Any, Any]:
    """Return the field of the user model by which users are found.

    Raises:
        ValidationError: there is none of that name, or it holds more than one plain value.
    """
    meta = get_user_model()._meta
    try:
        field = meta.pk if name == "pk" else meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    if not isinstance(field, Field) or field.many_to_many:
        text = _("The user model has no field %(name)s to find users by.")
        raise ValidationError(text % {"name": repr(name)})
    return field


def _person(
    row: Any, mapping: Mapping[str, Source], user: Any, problem: str, number: int
) -> ImportedPerson:
    values = {path: _value(row, source) for path, source in mapping.items() if path not in _OWN}
    id = _value(row, mapping["id"]) if "id" in mapping else None
    return ImportedPerson(
        user=user,
        id=None if id in (None, "") else str(id),
        values={path: value for path, value in values.items() if value not in (None, "")},
        created=_value(row, mapping["created"]) if "created" in mapping else None,
        name=f"row {number}" if user is None else f"row {number}, user {user.pk}",
        problem=problem,
    )


def _value(row: Any, source: Source) -> Any:
    if callable(source):
        return source(row)
    if isinstance(row, Mapping):
        return row.get(source)
    held = row
    for name in source.split("__"):
        try:
            held = getattr(held, name)
        except ObjectDoesNotExist:  # nobody at the other end of a one-to-one relation
            return None
        if held is None:
            return None
    return held


def _users(
    rows: Sequence[Any], source: Source | None, match: str, field: Field[Any, Any]
) -> list[tuple[Any, str]]:
    """Return the user of each row, or None and why there is none; by one query for all."""
    model = get_user_model()
    if source is None:
        return [(row, "") if isinstance(row, model) else (None, "") for row in rows]
    named = [_value(row, source) for row in rows]
    wanted = [_converted(value, field) for value in named]
    asked = {value for value in wanted if value is not None}
    found: dict[Any, list[Any]] = {}
    if asked:
        users = model._default_manager.using(get_settings().DATABASE)
        for user in users.filter(**{f"{match}__in": asked}):
            found.setdefault(getattr(user, field.attname), []).append(user)
    return [
        (value, "") if isinstance(value, model) else _only(found.get(key, []))
        for value, key in zip(named, wanted, strict=True)
    ]


def _converted(value: Any, field: Field[Any, Any]) -> Any:
    """Return a value as the field holds it; None for what it cannot hold, and for users."""
    if value in (None, "") or isinstance(value, get_user_model()):
        return None
    target: Any = field
    while target.remote_field is not None:
        target = target.target_field
    try:
        found = target.to_python(value)
        if isinstance(found, int):
            target.run_validators(found)  # that a column holds so many digits
    except ValidationError:
        return None
    return None if isinstance(found, str) and "\x00" in found else found


def _only(users: Sequence[Any]) -> tuple[Any, str]:
    if len(users) > 1:
        return None, _("several users of the project are meant")
    return (users[0], "") if users else (None, "")
