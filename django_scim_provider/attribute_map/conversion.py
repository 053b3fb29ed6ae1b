"""Values of attributes as fields take them, and values of fields as attributes show them."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    JSONField,
    TextField,
)
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override

from django_scim_provider.attribute_map.map_paths import EMPTY
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import Attribute
from django_scim_provider.core.stored_text import wire_time
from django_scim_provider.models.moments import as_held, utc

Convert = Callable[[Any], Any]


class Unfit(Exception):
    """A value that a field does not take; the text follows on the name of the attribute."""


def for_field(
    field: Field[Any, Any], value: Any, convert: Convert | None, choices: Mapping[Any, Any] | None
) -> Any:
    """Return what a field holds for the value of an attribute, which is not empty.

    Raises:
        Unfit: the function of the project, the choices or the field refuse it.
    """
    try:
        if convert is not None:
            value = convert(value)
        if choices is not None:
            value = _chosen(value, choices)
        return _cleaned(field, _prepared(field, value))
    except ValidationError as error:
        with override("en"):  # SCIM's sentences are English, whatever the project speaks
            raise Unfit(f": {' '.join(error.messages)}") from error
    except ValueError as error:
        raise Unfit(f": {error}") from error


def without_value(field: Field[Any, Any]) -> Any:
    """Return what a field holds where the attribute is taken away.

    Raises:
        Unfit: it always needs a value.
    """
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    given = getattr(field, "db_default", None)
    if field.has_db_default() and not hasattr(given, "resolve_expression"):
        return given
    if field.empty_strings_allowed:
        return ""
    raise Unfit(" is required.")


def may_be_left_out(field: Field[Any, Any]) -> bool:
    """Tell whether a new row may be stored without a value for the field."""
    filled = field.has_default() or field.null or field.has_db_default()
    automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return filled or automatic or field.empty_strings_allowed


def for_attribute(
    attribute: Attribute,
    value: Any,
    convert: Convert | None,
    choices: Mapping[Any, Any] | None,
) -> Any:
    """Return the value of an attribute for that of a field; None where there is none."""
    if convert is not None:
        value = convert(value)
    if choices is not None and value is not None:
        value = next((key for key, held in choices.items() if held == value), value)
    if isinstance(value, enum.Enum):
        value = value.value
    if value in EMPTY:
        return None
    # Lists and objects are as the project has them; it says so by a JSON field or a function.
    if isinstance(value, dict | list | tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else value
    show: Convert = _SHOWN.get(attribute.type, _text)
    return show(value)


def _chosen(value: Any, choices: Mapping[Any, Any]) -> Any:
    for key, held in choices.items():
        if _key(key) == _key(value):
            return held
    allowed = ", ".join(map(str, choices))
    raise ValueError(f"{value!r} is none of {allowed}.")


def _key(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _prepared(field: Field[Any, Any], value: Any) -> Any:
    """Return a value in a form that ``to_python`` of the field understands."""
    if isinstance(value, str):
        return _of_text(field, value)
    if isinstance(value, float) and isinstance(field, DecimalField):
        return Decimal(repr(value))  # the field itself would round it
    if isinstance(field, CharField | TextField):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list | dict):
            raise ValueError("it has several parts, and a text is needed.")
    return value


def _of_text(field: Field[Any, Any], text: str) -> Any:
    if isinstance(field, BooleanField):
        return {"true": True, "false": False}.get(text.lower(), text)
    if not isinstance(field, DateField) or (moment := parse_datetime(text)) is None:
        return text
    if not isinstance(field, DateTimeField):
        return moment.date()
    # Without an offset it is read as UTC, as filters read it.
    return as_held(moment.replace(tzinfo=datetime.UTC) if timezone.is_naive(moment) else moment)


def _cleaned(field: Field[Any, Any], value: Any) -> Any:
    read = field.to_python(value)
    limit = getattr(field, "max_length", None)
    if limit is not None and isinstance(read, str) and len(read) > limit:
        raise Unfit(f" is longer than {limit} characters: it has {len(read)}.")
    if read in field.empty_values and not isinstance(field, JSONField):
        return without_value(field)
    field.validate(read, None)
    field.run_validators(read)
    return read


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return wire_time(utc(value))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _whole(value: Any) -> int:
    return int(value)


def _number(value: Any) -> float | int:
    return float(value) if isinstance(value, Decimal | float | str) else value


def _moment(value: Any) -> str:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC)
    return _text(value)


_SHOWN: dict[str, Convert] = {
    "boolean": bool,
    "integer": _whole,
    "decimal": _number,
    "dateTime": _moment,
}
