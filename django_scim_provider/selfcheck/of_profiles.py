"""Profiles: what a connection tolerates has to reach the adapter and the stores unharmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.models.connection_profiles import UnknownProfile
from django_scim_provider.selfcheck.checked_connection import CheckedConnection
from django_scim_provider.selfcheck.of_users import patch_of
from django_scim_provider.selfcheck.told_faults import ToldFault

Body = dict[str, Any]

_PATCHES: dict[str, Body] = {
    "ops_in_any_case": {"op": "Replace", "path": "title", "value": "In any case"},
    "missing_op_is_replace": {"path": "title", "value": "Without op"},
    "dotted_keys": {"op": "replace", "value": {"name.familyName": "Dotted"}},
    "bare_extension_names": {"op": "replace", "path": "department", "value": "Bare"},
    "create_missing_value": {
        "op": "replace",
        "path": 'phoneNumbers[type eq "pager"].value',
        "value": "+1 202 555 0101",
    },
    "leave_out_unknown": {"op": "replace", "value": {"notDefined": "x", "title": "Left out"}},
    "leave_out_unknown_paths": {"op": "replace", "path": "notDefined", "value": "x"},
    "empty_string_unassigns": {"op": "replace", "path": "name.givenName", "value": ""},
    "unwrap_single_values": {"op": "replace", "path": "title", "value": ["Wrapped"]},
    "single_object_for_list": {
        "op": "add",
        "path": "phoneNumbers",
        "value": {"value": "+1 202 555 0102", "type": "home"},
    },
    "simple_for_complex": {
        "op": "replace",
        "path": f"{ENTERPRISE_USER_SCHEMA.id}:manager",
        "value": "{id}",
    },
    # The last one: who is not active is written no further.
    "booleans_as_text": {"op": "replace", "path": "active", "value": "False"},
}
"""An operation of a PATCH for each switch that lets one pass."""


def _texts_as_addresses(user: Resource) -> None:
    user["emails"] = [{"value": "notAnAddress", "type": "work", "primary": True}]


def _several_primaries(user: Resource) -> None:
    (address,) = user["emails"]
    user["emails"] = [address, {**address, "value": f"other-{address['value']}", "type": "home"}]


_USERS: dict[str, Callable[[Resource], None]] = {
    "texts_as_addresses": _texts_as_addresses,
    "several_primaries": _several_primaries,
}
"""What becomes of a new user for each switch that lets one pass."""


def profile_of_the_connection(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield what the profile lets pass and the project cannot live with."""
    try:
        on = {switch for switch, is_on in checked.profile.switches().items() if is_on}
    except UnknownProfile as error:
        yield ToldFault(f"SCIM_PROVIDER['PROFILES'][{checked.connection.profile!r}]", str(error))
        return
    made = checked.step("Creating a user", "POST", "/Users", checked.user(), expect=(201,))
    yield from made.faults
    if made.went:
        yield from _patched(checked, str(made.answer.body.get("id")), on)
    for switch, change in _USERS.items():
        if switch in on:
            user = checked.user()
            change(user)
            what = f"Creating a user as {switch} allows it"
            step = checked.step(what, "POST", "/Users", user, expect=(201,))
            yield from step.faults
            if step.went:
                yield from checked.kept(str(step.answer.body.get("id")), what, "create_user")
    if made.went and "reprovision_inactive" in on:
        yield from _brought_back(checked)


def _patched(checked: CheckedConnection, id: str, on: set[str]) -> Iterator[ToldFault]:
    for switch, operation in _PATCHES.items():
        if switch not in on:
            continue
        if operation.get("value") == "{id}":
            operation = {**operation, "value": id}
        what = f"A PATCH as {switch} allows it"
        step = checked.step(what, "PATCH", f"/Users/{id}", patch_of(operation))
        yield from step.faults
        if step.went:
            yield from checked.kept(id, what, "update_user")


def _brought_back(checked: CheckedConnection) -> Iterator[ToldFault]:
    user = checked.user()
    made = checked.step("Creating a user", "POST", "/Users", user, expect=(201,))
    id = str(made.answer.body.get("id"))
    body = patch_of({"op": "replace", "path": "active", "value": False})
    if not made.went or not checked.step("Leaving", "PATCH", f"/Users/{id}", body).went:
        return
    what = "Creating a user again who is inactive, as reprovision_inactive allows it"
    again = checked.step(what, "POST", "/Users", user, expect=(200, 201))
    yield from again.faults
    if again.went:
        yield from checked.kept(str(again.answer.body.get("id")), what, "update_user")
