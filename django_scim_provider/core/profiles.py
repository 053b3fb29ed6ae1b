"""Vendor profiles: what a connection tolerates beyond the letter of the RFCs, as named switches.

Each switch names one thing that identity providers are known to send. ``strict`` refuses all of
them; ``generic`` accepts what cannot be mistaken for something else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """The tolerance of one connection; every switch is off in ``strict``."""

    name: str
    ops_in_any_case: bool = False
    """``"op": "Replace"``, as Entra ID sends it (Microsoft Learn, use-scim-to-provision)."""
    missing_op_is_replace: bool = False
    """An operation without ``op``; RFC 7644 section 3.5.2 requires one."""
    booleans_as_text: bool = False
    """``"True"`` and ``"False"`` for booleans, in values and filters (Entra ID without its
    flag)."""
    dotted_keys: bool = False
    """Keys such as ``name.givenName`` and ``urn:...:User:department`` in a value without path."""
    create_missing_value: bool = False
    """A filtered path that matches nothing on add or replace makes the value (Entra ID)."""
    remove_listed_values: bool = False
    """``remove`` with a value list removes only those values (Entra ID, JumpCloud)."""
    simple_for_complex: bool = False
    """A plain value where a complex one is due stands for its ``value`` (Entra ID's manager)."""
    unwrap_single_values: bool = False
    """A list of one for a singular attribute stands for its element: in a PATCH (Entra ID);
    in POST and PUT for complex attributes only. ``schemas`` may be one text."""
    empty_string_unassigns: bool = False
    """``""`` unassigns an optional attribute that is no boolean and no number (Okta, Entra ID)."""
    empty_operations: bool = False
    """A PATCH with an empty ``Operations`` list changes nothing, successfully."""
    missing_message_schemas: bool = False
    """PATCH and search bodies without their ``schemas``."""
    read_only_echo: bool = False
    """PATCH values without a path may repeat readOnly attributes; they are ignored (Okta's
    ``id``)."""
    single_object_for_list: bool = False
    """One object where a list of them is due."""
    reprovision_inactive: bool = False
    """POST of an inactive account of the same connection reactivates it instead of 409."""


def _tolerant() -> Profile:
    off = {"name", "missing_op_is_replace", "reprovision_inactive"}
    return Profile(name="generic", **{f.name: True for f in fields(Profile) if f.name not in off})


STRICT = Profile(name="strict")
GENERIC = _tolerant()
PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        GENERIC,
        STRICT,
        replace(GENERIC, name="entra", missing_op_is_replace=True, reprovision_inactive=True),
        replace(GENERIC, name="okta", reprovision_inactive=True),
        replace(GENERIC, name="google"),
        replace(GENERIC, name="onelogin"),
        replace(GENERIC, name="jumpcloud"),
        replace(GENERIC, name="ping"),
        replace(GENERIC, name="rippling"),
    )
}
