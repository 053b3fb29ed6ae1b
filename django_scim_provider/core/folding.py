"""The folded document: the shadow of a resource that filters and sorting run on.

Same structure as the resource, in canonical spelling, with comparable leaves: text that is not
``caseExact`` is case-folded, dateTimes are UTC with microseconds (text order is time order), and
booleans are ``"true"`` and ``"false"``. Values of multi-valued attributes are objects; beside such
an attribute stands ``<name>^``, the value that sorts for it: the primary one, else the first (RFC
7644 section 3.4.2.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django_scim_provider.core.schemas.definitions import (
    COMMON_ATTRIBUTES,
    Attribute,
    Resource,
    ResourceType,
)

SORT_MARK = "^"
MARKS_IN_A_ROW = 30
SLICE = 16 * 1024
"""Characters that are case-folded at once."""
_JOINER = "\u034f"  # COMBINING GRAPHEME JOINER
_BECOME_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""The characters that are not combining marks, but are decomposed into them."""
_DATE = re.compile(
    r"(-?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)

# DerivedCoreProperties.txt of Unicode 16, which the standard library does not have.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def fold(text: str) -> str:
    """Return the form under which texts that differ only by case or compatibility are equal."""
    # The shortcut is exact: NFKC leaves ASCII alone. It saves most of the time for what most names
    # are.
    if text.isascii():
        return text.casefold()
    normal = unicodedata.normalize("NFKC", _with_short_rows_of_marks(text))
    # In slices, since ``casefold`` asks for twelve bytes for each character that is not ASCII.
    slices = range(0, len(normal), SLICE)
    folded = "".join(normal[start : start + SLICE].casefold() for start in slices)
    # A second time, since case folding breaks the normal form up again for some letters (Unicode
    # Standard section 3.13, D146): without it, fold(fold(x)) would differ from fold(x), and a
    # stored key from a looked-up one.
    return unicodedata.normalize("NFKC", folded)


def _with_short_rows_of_marks(text: str) -> str:
    """Return a text in Stream-Safe Text Format (Unicode Standard Annex 15, UAX15-D4).

    Normalization sorts combining marks in a row, in time that grows with the square of their
    number. No language has 30 of them; a joiner behind each 30 ends the row.
    """
    if len(text) <= MARKS_IN_A_ROW:
        return text
    parts, start, row = [], 0, 0
    for place, char in enumerate(text):
        row = row + 1 if unicodedata.combining(char) or char in _BECOME_MARKS else 0
        if row > MARKS_IN_A_ROW:
            parts.append(text[start:place])
            start, row = place, 1
    return _JOINER.join([*parts, text[start:]])


def fold_name(text: str) -> str:
    """Return the form under which names and addresses of people are too alike to be two people's.

    Folded, without blanks at the ends, and without characters that show nothing (Unicode's
    Default_Ignorable_Code_Point, and the blank Braille pattern). Letters of other scripts that look
    alike stay different.
    """
    if text.isascii():
        return text.strip().casefold()
    return fold(_INVISIBLE.sub("", fold(text))).strip()


def fold_date(text: str) -> str | None:
    """Return an xsd:dateTime as ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` in UTC, or None if it is none.

    A dateTime without an offset is read as UTC.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    whole, fraction, offset = found.groups()
    try:
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
        # Cut, not rounded: rounding could carry into the next second, day or year. Databases keep
        # microseconds.
        moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
        if offset and offset != "Z":
            hours, minutes = int(offset[1:3]), int(offset[4:6])
            # XML Schema Part 2 section 3.2.7.3 knows no offset beyond 14 hours.
            if hours > 14 or minutes > 59:
                return None
            shift = timedelta(hours=hours, minutes=minutes)
            moment = moment - shift if offset[0] == "+" else moment + shift
    except (ValueError, OverflowError):
        return None
    # glibc pads no year below 1000, and text order has to be time order.
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def fold_leaf(attribute: Attribute, value: Any) -> Any:
    """Return one simple value in comparable form; None where it counts as unassigned."""
    # RFC 7643 section 2.5 for null; ``pr`` asks for a value that is not empty (RFC 7644 Table 3).
    if value is None or value == "":
        return None
    # Before everything else: True is an int for Python. Texts, since the databases disagree on what
    # JSON booleans are to SQL.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if attribute.type == "dateTime":
            # A text that is not a date can only stem from another version of the schema. It keeps
            # its place in the order, where an error would make every list fail.
            return fold_date(value) or value
        if attribute.type == "string" and not attribute.case_exact:
            return fold(value)
    return value


def fold_element(attribute: Attribute, element: Any) -> Resource:
    """Return one value of a multi-valued or complex attribute.

    A simple one is returned as ``{"value": ...}``.
    """
    folded: Resource = _element_folder(attribute)(element)
    return folded


def fold_resource(resource: Resource, resource_type: ResourceType) -> Resource:
    """Return the folded document of a resource in canonical spelling."""
    folded: Resource = {}
    core, extensions = _plan(resource_type)
    _fold_all(core, resource, folded)
    for urn, folders in extensions:
        held = resource.get(urn)
        if held:
            inner: Resource = {}
            _fold_all(folders, held, inner)
            if inner:
                folded[urn] = inner
    return folded


_Folder = Callable[[Any], Any]
"""Takes a value; returns what there is to compare of it, or what is empty or None."""
_Folders = tuple[tuple[str, bool, _Folder], ...]
"""Names of attributes, whether they are multi-valued, and what folds one of their values."""


@lru_cache(maxsize=64)
def _plan(resource_type: ResourceType) -> tuple[_Folders, tuple[tuple[str, _Folders], ...]]:
    """Return the folders of the core attributes, and those of each extension by its URN."""
    core = (*COMMON_ATTRIBUTES, *resource_type.schema.attributes)
    schemas = (extension.schema for extension in resource_type.extensions)
    return _folders(core), tuple((each.id, _folders(each.attributes)) for each in schemas)


def _folders(attributes: Iterable[Attribute]) -> _Folders:
    return tuple(
        (each.name, each.multi_valued, _folder(each))
        for each in attributes
        if each.returned != "never"
    )


def _folder(attribute: Attribute) -> _Folder:
    if attribute.multi_valued or attribute.type == "complex":
        return _element_folder(attribute)
    return _leaf_folder(attribute)


def _fold_all(folders: _Folders, held: Resource, folded: Resource) -> None:
    for name, is_list, folder in folders:
        value = held.get(name)
        if value is None:
            continue
        if is_list:
            elements = [part for item in value if (part := folder(item))]
            if elements:
                folded[name] = elements
                primary = (part for part in elements if part.get("primary") == "true")
                folded[name + SORT_MARK] = next(primary, elements[0])
        elif (part := folder(value)) is not None and part != {}:
            folded[name] = part


@lru_cache(maxsize=1024)
def _element_folder(attribute: Attribute) -> _Folder:
    """Return what folds one value of a multi-valued or complex attribute."""
    if attribute.type != "complex":
        leaf_of = _leaf_folder(attribute)

        def fold_simple(element: Any) -> Resource:
            leaf = leaf_of(element)
            return {} if leaf is None else {"value": leaf}

        return fold_simple
    # Secrets must not be guessed by filters, letter by letter.
    shown = [sub for sub in attribute.sub_attributes if sub.returned != "never"]
    subs = [(sub.name, _leaf_folder(sub)) for sub in shown]

    def fold_complex(element: Any) -> Resource:
        folded: Resource = {}
        if not isinstance(element, dict):
            return folded
        for name, leaf_of in subs:
            value = element.get(name)
            if value is not None and (leaf := leaf_of(value)) is not None:
                folded[name] = leaf
        return folded

    return fold_complex


def _leaf_folder(attribute: Attribute) -> _Folder:
    """Return ``fold_leaf`` for one attribute, which answers at once for what most values are."""
    if attribute.type == "dateTime":
        return partial(fold_leaf, attribute)
    is_folded = attribute.type == "string" and not attribute.case_exact

    def fold_text(value: Any) -> Any:
        if value.__class__ is not str or not value:
            return fold_leaf(attribute, value)
        return fold(value) if is_folded else value

    return fold_text
