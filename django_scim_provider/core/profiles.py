"""Profiles: what a connection tolerates beyond the letter of the RFCs, as named switches.

Each switch names one thing that identity providers are known to send or to need. ``strict`` has
none of them; ``generic`` has those that accept what cannot be mistaken for something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """The tolerance of one connection; every switch is off in ``strict``."""

    name: str
    title: str = ""
    """What people call the identity provider."""
    ops_in_any_case: bool = False
    """``"op": "Replace"``, as Entra ID sends it (Microsoft Learn, use-scim-to-provision)."""
    missing_op_is_replace: bool = False
    """An operation without ``op``; RFC 7644 section 3.5.2 requires one."""
    booleans_as_text: bool = False
    """``"True"`` and ``"False"`` for booleans, in values and filters (Entra ID without its
    flag)."""
    dotted_keys: bool = False
    """Keys such as ``name.givenName`` and ``urn:...:User:department``: in a value without path
    (Entra ID), and in POST and PUT."""
    bare_extension_names: bool = False
    """``department`` for ``urn:...:User:department``, wherever an attribute is named: where no core
    attribute has that name, and one extension alone."""
    filters_in_attributes: bool = False
    """``attributes=emails[type eq "work"]`` asks for ``emails``: Microsoft's collection of requests
    sends it (AzureAD/SCIMReferenceCode, ``PostmanCollection.json``). Else such a name is unknown
    and selects nothing, as it always does in ``excludedAttributes``."""
    texts_as_addresses: bool = False
    """A primary address that is a mere text (``emailName357``) is stored and shown, and the
    project's user has no address; else it is 400. RFC 7643 section 4.1.2 has only a SHOULD, and
    Microsoft's collection of requests sends it (AzureAD/SCIMReferenceCode,
    ``PostmanCollection.json``)."""
    create_missing_value: bool = False
    """A filtered path that matches nothing on add or replace makes the value (Entra ID)."""
    remove_listed_values: bool = False
    """``remove`` with a value list removes only those values (Entra ID, JumpCloud, authentik)."""
    leave_out_unknown: bool = False
    """What no schema defines is left out of a body or a value, with an event that names it:
    Microsoft's own collection sends such names and expects 201 (AzureAD/SCIMReferenceCode), and one
    attribute that is mapped too much must not lose a deactivation beside it. RFC 7644 says nothing
    of it but for a PATCH's ``path``. Where it is off, it is 400 ``invalidSyntax``."""
    leave_out_unknown_paths: bool = False
    """An operation of a PATCH whose ``path`` no schema defines is left out too. RFC 7644 section
    3.5.2 has ``invalidPath`` for it; Entra ID without its flag and Okta send what they deactivate
    beside what their administrators map, and a 400 undoes both."""
    simple_for_complex: bool = False
    """A plain value where a complex one is due stands for its ``value`` (Entra ID's manager); for
    that of a singular attribute a whole number does too."""
    complex_for_simple: bool = False
    """``{"value": "x"}`` in a list of plain values stands for ``"x"``, as all lists of the core
    schemas have it (RFC 7643 section 2.4)."""
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
    """PATCH values without a path may repeat readOnly attributes; they are ignored (the ``id`` of
    Okta and authentik)."""
    single_object_for_list: bool = False
    """One object where a list of them is due; in a PATCH, one plain value where any list is."""
    several_primaries: bool = False
    """Of several values that are all ``primary`` the first stays so: PingOne and PingFederate fill
    the address that a person does not have with the other one, and mark both
    (https://docs.pingidentity.com/pingone/integrations/p1_scim_provisioning_limitations.html).
    Elsewhere they are 400, as nobody can tell which one is meant (RFC 7643 section 2.4)."""
    unquoted_filter_values: bool = False
    """``userName eq ann``: releases of authentik up to 2025.8 ask so for a user that is there
    already (https://github.com/goauthentik/authentik/issues/16455)."""
    unique_group_names: bool = False
    """A group whose folded ``displayName`` another group of the connection has is 409
    ``uniqueness``. authentik creates each group first and looks for the one that is there only
    after a 409 (its ``providers/scim/clients/groups.py``, ``SCIMGroupClient.create``); with 201 it
    would make a second one after its database was restored. RFC 7643 asks for no such thing."""
    ignore_unknown_sort: bool = False
    """``sortBy`` with a name that no schema defines leaves the order as it is without it. RFC 7644
    section 3.4.2.3 has no error for it, and puts last what has no value, which is everybody then.
    SCIMServer's tests (``sorting.e2e-spec.ts``) and Apache SCIMple have it so, Zitadel answers 400;
    nobody is known to send such a name. Where it is off, it is 400 ``invalidPath``."""
    reprovision_inactive: bool = False
    """POST of an inactive account of the same connection reactivates it instead of 409."""

    def with_switches(self, switches: Mapping[str, bool]) -> Profile:
        """Return the profile with some of its switches on or off.

        Raises:
            TypeError: one of the names is no switch.
        """
        changes: dict[str, Any] = dict(switches)
        return replace(self, **changes) if changes else self

    def switches(self) -> dict[str, bool]:
        """Return which switches are on and off."""
        return {name: getattr(self, name) for name in SWITCHES}


SWITCHES: tuple[str, ...] = tuple(
    field.name for field in fields(Profile) if field.name not in ("name", "title")
)
"""The names of the switches, in the order in which they are shown."""

_NEEDS_A_PROFILE = {
    "missing_op_is_replace",
    "texts_as_addresses",
    "leave_out_unknown_paths",
    "several_primaries",
    "unquoted_filter_values",
    "unique_group_names",
    "reprovision_inactive",
}
"""What could be mistaken, or changes an answer that others rely on."""

STRICT = Profile(name="strict", title="Strict")
GENERIC = Profile(
    name="generic",
    title="Generic",
    **{name: True for name in SWITCHES if name not in _NEEDS_A_PROFILE},
)
PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        GENERIC,
        STRICT,
        replace(
            GENERIC,
            name="entra",
            title="Microsoft Entra ID",
            missing_op_is_replace=True,
            texts_as_addresses=True,
            leave_out_unknown_paths=True,
            # Microsoft's own collection of requests leaves the quotes out in some
            # (AzureAD/SCIMReferenceCode, PostmanCollection.json).
            unquoted_filter_values=True,
            reprovision_inactive=True,
        ),
        replace(
            GENERIC,
            name="okta",
            title="Okta",
            leave_out_unknown_paths=True,
            reprovision_inactive=True,
        ),
        replace(GENERIC, name="ping", title="Ping Identity", several_primaries=True),
        replace(
            GENERIC,
            name="authentik",
            title="authentik",
            unquoted_filter_values=True,
            unique_group_names=True,
        ),
    )
}
"""The profiles that differ from each other, by name."""
GENERIC_PRODUCTS: dict[str, str] = {
    "google": "Google Workspace",
    "jumpcloud": "JumpCloud",
    "onelogin": "OneLogin",
    "rippling": "Rippling",
}
"""Names of identity providers, with what people call them, that need no more than ``generic``.

Google and Rippling publish no requests. OneLogin's are plain JSON in the shapes of the RFC
(https://developers.onelogin.com/scim/implement-scim-api, goauthentik/authentik issue 11249).
JumpCloud looks users and groups up before it creates them, and removes members by a list of values
(its support page on the custom SCIM integration; ``remove_listed_values``).
"""
