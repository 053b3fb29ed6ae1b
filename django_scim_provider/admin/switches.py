"""The switches of a connection in its form: each as the profile has it, on, or off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connection_profiles import (
    UnknownProfile,
    is_from_settings,
    known_profiles,
    profile_in_force,
    shown_switches,
)

PREFIX = "switch_"
TEXTS: dict[str, tuple[Any, Any]] = {
    "ops_in_any_case": (
        _("Operations in any case"),
        _('Read "Replace" as "replace", as Microsoft Entra ID writes it.'),
    ),
    "missing_op_is_replace": (
        _("Missing operation means replace"),
        _("Read a PATCH operation that does not say what to do as a replacement."),
    ),
    "booleans_as_text": (
        _("Booleans as text"),
        _('Read the texts "True" and "False" as true and false.'),
    ),
    "dotted_keys": (
        _("Dotted keys"),
        _('Read keys such as "name.givenName" as the attribute that they name.'),
    ),
    "bare_extension_names": (
        _("Bare names of extensions"),
        _('Read "department" as the attribute of the one extension that has it.'),
    ),
    "filters_in_attributes": (
        _("Filters in attributes"),
        _("Read a filter in the list of attributes as the attribute that it filters."),
    ),
    "texts_as_addresses": (
        _("Texts as addresses"),
        _("Store a primary address that is none, and leave the user without one."),
    ),
    "create_missing_value": (
        _("Make missing values"),
        _("Make the value that the filter of a path describes where there is none."),
    ),
    "remove_listed_values": (
        _("Remove only listed values"),
        _("Remove the values that a removal lists, such as members, instead of all."),
    ),
    "leave_out_unknown": (
        _("Leave out unknown attributes"),
        _("Store the rest where a body holds attributes that no schema defines."),
    ),
    "leave_out_unknown_paths": (
        _("Leave out unknown paths"),
        _("Leave an operation of a PATCH out whose path no schema defines, and do the others."),
    ),
    "simple_for_complex": (
        _("Plain values for objects"),
        _("Read a plain value, such as the id of a manager, as an object that holds it."),
    ),
    "complex_for_simple": (
        _("Objects for plain values"),
        _('Read an object such as {"value": "x"} as its value in a list of plain values.'),
    ),
    "unwrap_single_values": (
        _("Unwrap lists of one"),
        _("Read a list with one value as that value where a single one is due."),
    ),
    "empty_string_unassigns": (
        _("Empty text removes"),
        _("Remove an optional attribute that is sent as an empty text."),
    ),
    "empty_operations": (
        _("Empty changes"),
        _("Accept a PATCH without operations, which changes nothing."),
    ),
    "missing_message_schemas": (
        _("Missing schemas"),
        _("Accept messages that do not name their schema."),
    ),
    "read_only_echo": (
        _("Read-only attributes"),
        _("Ignore read-only attributes, such as the id, in a PATCH without path."),
    ),
    "single_object_for_list": (
        _("Single objects for lists"),
        _("Read one object as a list of one where a list is due."),
    ),
    "several_primaries": (
        _("Several primary values"),
        _("Let the first of several primary values stay primary instead of an error."),
    ),
    "unquoted_filter_values": (
        _("Filters without quotes"),
        _("Read a filter such as userName eq ann, whose value lacks its quotes."),
    ),
    "unique_group_names": (
        _("Unique group names"),
        _("Refuse a second group of the same name, so that the provider finds the first one."),
    ),
    "ignore_unknown_sort": (
        _("Unknown order"),
        _("Ignore a sortBy that names no attribute, instead of an error."),
    ),
    "reprovision_inactive": (
        _("Reactivate on creation"),
        _("Reactivate the inactive account of a person who is created again, instead of an error."),
    ),
}
"""The label and the help of each switch."""
_STATES = {"on": True, "off": False}


def _field(name: str) -> forms.ChoiceField:
    label, help_text = TEXTS[name]
    choices = [("", _("As the profile says")), ("on", _("On")), ("off", _("Off"))]
    return forms.ChoiceField(label=label, help_text=help_text, choices=choices, required=False)


_FIELDS = tuple(PREFIX + name for name in TEXTS)
SwitchFields: Any = type(
    "SwitchFields", (forms.Form,), {PREFIX + name: _field(name) for name in TEXTS}
)
"""A form of all switches, for the form of connections to inherit."""
SWITCHES = (
    _("Switches"),
    {
        "fields": _FIELDS,
        "classes": ("collapse",),
        "description": _(
            "Turn single switches on or off, whatever the profile says. A change counts "
            "from the next request on."
        ),
    },
)
"""The part of the page of a connection that holds them."""


def prepare_profile(form: Any) -> None:
    """Fill a form of a connection with its switches; leave out what the settings say instead.

    A profile that is declared no more stays chosen, and is refused when the form is sent: without
    it a browser would choose the first one of the list.
    """
    connection = form.instance
    if is_from_settings(connection.provider_id):
        for name in ("profile", *_FIELDS):
            form.fields.pop(name, None)
        return
    states = {
        PREFIX + name: "on" if is_on else "off"
        for name, is_on in shown_switches(connection.profile_switches).items()
    }
    form.initial = {**states, **form.initial}
    field, name = form.fields.get("profile"), connection.profile
    if field is not None and name not in known_profiles():
        label = gettext("%(name)s (does not exist)") % {"name": name}
        field.choices = [(name, label), *field.choices]


def chosen_switches(cleaned: dict[str, Any]) -> dict[str, bool]:
    """Return what a form has on or off."""
    states = {name: cleaned.get(PREFIX + name) for name in TEXTS}
    return {name: _STATES[state] for name, state in states.items() if state in _STATES}


def stored_names(changed: Iterable[str]) -> list[str]:
    """Return the changed fields of a form by the names of the model's."""
    found = ("profile_switches" if name in _FIELDS else name for name in changed)
    return list(dict.fromkeys(found))


def described(name: str, switches: Mapping[str, bool]) -> str:
    """Return what is on for a connection, in words; or what is wrong with its profile."""
    try:
        profile = profile_in_force(name, switches)
    except UnknownProfile as error:
        return gettext("Every request fails: %(reason)s") % {"reason": error}
    on = [str(TEXTS[switch][0]) for switch, is_on in profile.switches().items() if is_on]
    return ", ".join(on) or gettext("Nothing: every deviation from the RFCs is an error.")
