"""People and groups in CSV files, read line by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_scim_provider.importing.mapped_rows import Source, mapped_rows
from django_scim_provider.importing.records import ImportedGroup, ImportedPerson

MAX_CELL = 1_048_576
"""Characters of a cell at most, such as the members of a large group."""
_TRUE, _FALSE = ("1", "t", "true", "y", "yes"), ("0", "f", "false", "n", "no")
_BOOLEANS = ("active",)
_NAMES = ("id", "externalId", "userName")
_BETWEEN = re.compile(r"[\s;,|]+")
_GROUP = ("id", "displayName", "externalId", "members")


def people_of(
    file: TextIO, paths: Mapping[str, str], match: tuple[str, str]
) -> Iterator[ImportedPerson]:
    """Yield the people of a file.

    The header says by paths of SCIM what each column is; ``paths`` says it of columns that are
    called otherwise, ``-`` for one that is not looked at. ``match`` is the column that names the
    user of the project, and the field of the user model that has the same value; it is an attribute
    as well if ``paths`` names it, or it is called like one that people go by.

    Raises:
        ValidationError: the file is no CSV file with a header, or lacks a column.
    """
    reader = _reader(file)
    header = list(reader.fieldnames or ())
    column, field = match
    _refuse_missing([column, *paths], header)
    mapping: dict[str, Source] = {"user": column}
    for name in header:
        path = paths.get(name, name)
        only_matched = name == column and name not in (*paths, *_NAMES)
        if path not in ("-", "user") and not only_matched:
            mapping[path] = _boolean_of(name) if path in _BOOLEANS else name
    return mapped_rows(_rows(reader), mapping, field)


def groups_of(file: TextIO) -> Iterator[ImportedGroup]:
    """Yield the groups of a file with the columns id, displayName, externalId and members.

    ``members`` has SCIM ids with blanks, commas, semicolons or bars between.

    Raises:
        ValidationError: as ``people_of``.
    """
    reader = _reader(file)
    _refuse_missing(["displayName"], list(reader.fieldnames or ()))
    return _groups(reader)


def _groups(reader: csv.DictReader[str]) -> Iterator[ImportedGroup]:
    for number, row in enumerate(_rows(reader), 1):
        held = {name: str(row.get(name) or "").strip() for name in _GROUP}
        yield ImportedGroup(
            id=held["id"] or None,
            resource={name: held[name] for name in ("displayName", "externalId")},
            members=[id for id in _BETWEEN.split(held["members"]) if id],
            name=f"row {number}",
        )


def _reader(file: TextIO) -> csv.DictReader[str]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.DictReader(file, strict=True)
    try:
        names = reader.fieldnames
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValidationError(_("The file is no CSV file in UTF-8.")) from error
    if not names or len(set(names)) != len(names):
        raise ValidationError(_("The file needs a header, and each column a name of its own."))
    return reader


def _rows(reader: csv.DictReader[str]) -> Iterator[dict[str, Any]]:
    try:
        yield from reader
    except (csv.Error, UnicodeDecodeError) as error:
        text = _("Line %(number)s is no CSV in UTF-8.")
        raise ValidationError(text % {"number": reader.line_num}) from error


def _refuse_missing(wanted: Sequence[str], header: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in header]
    if missing:
        text = _("The file has no column %(names)s.")
        raise ValidationError(text % {"names": ", ".join(missing)})


def _boolean_of(column: str) -> Any:
    """Return what reads a cell as a boolean; what is none is left to who checks the value."""

    def read(row: Mapping[str, Any]) -> Any:
        text = str(row.get(column) or "").strip().lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        return row.get(column)

    return read
