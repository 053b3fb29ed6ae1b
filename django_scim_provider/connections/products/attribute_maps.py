"""Which attribute of an identity provider usually becomes which one of SCIM, by product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connection_profiles import shipped_name_of

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class MappedAttribute:
    """A line of the table."""

    source: Any
    """As the identity provider calls it on its English screens; translatable where it is a
    description."""
    target: str
    """The path in SCIM."""


def _map(**sources: Any) -> tuple[MappedAttribute, ...]:
    """Return lines in this order: what the identity provider calls it, by the words below."""
    return tuple(MappedAttribute(source, PATHS[name]) for name, source in sources.items())


PATHS: dict[str, str] = {
    "user_name": "userName",
    "external_id": "externalId",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "formatted_name": "name.formatted",
    "display_name": "displayName",
    "email": 'emails[type eq "work"].value',
    "any_email": "emails.value",
    "active": "active",
    "title": "title",
    "language": "preferredLanguage",
    "phone": 'phoneNumbers[type eq "work"].value',
    "mobile": 'phoneNumbers[type eq "mobile"].value',
    "address": 'addresses[type eq "work"]',
    "employee_number": f"{ENTERPRISE}:employeeNumber",
    "department": f"{ENTERPRISE}:department",
    "manager": f"{ENTERPRISE}:manager",
}
"""Paths in SCIM by the words of this file."""
_OWN_ID: Any = _("id of the person at {product}")
_ASSIGNED: Any = _("whether the person is assigned to the application")
MAPS: dict[str, tuple[MappedAttribute, ...]] = {
    # The default profile mappings of an application with SCIM provisioning.
    "okta": _map(
        user_name="userName (login)",
        external_id=format_lazy(_OWN_ID, product="Okta"),
        given_name="firstName",
        family_name="lastName",
        email="email",
        display_name="displayName",
        active=_ASSIGNED,
        title="title",
        phone="primaryPhone",
        department="department",
    ),
    # The defaults of an application that is not in the gallery (Microsoft Learn,
    # customize-application-attributes).
    "entra": _map(
        user_name="userPrincipalName",
        active='Switch([IsSoftDeleted], , "False", "True", "True", "False")',
        display_name="displayName",
        title="jobTitle",
        email="mail",
        language="preferredLanguage",
        given_name="givenName",
        family_name="surname",
        formatted_name='Join(" ", [givenName], [surname])',
        address="streetAddress, city, state, postalCode, country",
        phone="telephoneNumber",
        mobile="mobile",
        external_id="mailNickname",
        employee_number="employeeId",
        department="department",
        manager="manager",
    ),
    "google": _map(
        user_name="Username (Basic Information > Primary Email)",
        given_name="First Name",
        family_name="Last Name",
        email="Primary Email",
        active=_ASSIGNED,
    ),
    # The macros of the template of our own instructions.
    "onelogin": _map(
        user_name="{$parameters.scimusername}",
        external_id="{$user.id}",
        given_name="{$user.firstname}",
        family_name="{$user.lastname}",
        display_name="{$user.display_name}",
        email="{$user.email}",
        active=_ASSIGNED,
    ),
    "jumpcloud": _map(
        user_name="email",
        given_name="firstname",
        family_name="lastname",
        display_name="displayname",
        email="email",
        active=_ASSIGNED,
        title="jobTitle",
        department="department",
        employee_number="employeeIdentifier",
    ),
    "ping": _map(
        user_name="Username",
        external_id="User ID",
        given_name="Given Name",
        family_name="Family Name",
        formatted_name="Formatted",
        email="Email Address",
        active="Enabled",
        title="Title",
        phone="Primary Phone",
        mobile="Mobile Phone",
    ),
    # "authentik default SCIM Mapping: User".
    "authentik": _map(
        user_name="username",
        external_id="uid",
        given_name=_("name (up to the first space)"),
        family_name=_("name (behind the first space)"),
        formatted_name="name",
        display_name="name",
        any_email="email",
        active="is_active",
        language="settings.locale",
    ),
    "rippling": _map(
        user_name="Work email",
        external_id=format_lazy(_OWN_ID, product="Rippling"),
        given_name="First name",
        family_name="Last name",
        email="Work email",
        active=_ASSIGNED,
    ),
}
GENERIC_MAP = _map(
    user_name=_("the name to log in with, often the e-mail address"),
    external_id=_("an id that never changes"),
    given_name=_("first name"),
    family_name=_("last name"),
    any_email=_("e-mail address"),
    active=_ASSIGNED,
)
SENDS_NO_GROUPS = frozenset({"google"})
NOTES: dict[str, Any] = {
    "entra": _(
        "Map objectId to externalId instead of mailNickname, which may repeat. What is mapped "
        "beyond this table arrives as well."
    ),
    "google": _("Google Workspace sends no groups: it provisions the people in them."),
    "onelogin": _(
        "What is in the template is sent. Rules can map OneLogin's roles to groups of the "
        "application."
    ),
    "ping": _("PingOne marks two addresses as primary; the first one counts."),
    "authentik": _("Groups are sent with their names and members by a mapping of their own."),
}
"""Translatable: what to know of a product beside its table."""


def attribute_map(profile: str) -> tuple[MappedAttribute, ...]:
    """Return what a product usually sends of a person."""
    return MAPS.get(shipped_name_of(profile), GENERIC_MAP)


def sends_groups(profile: str) -> bool:
    """Tell whether a product can send groups."""
    return shipped_name_of(profile) not in SENDS_NO_GROUPS


def attribute_note(profile: str) -> Any:
    """Return what to know beside the table; empty where there is nothing."""
    return NOTES.get(shipped_name_of(profile), "")
