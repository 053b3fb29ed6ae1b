"""The settings of organizations, against the project's models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.utils.module_loading import import_string

from django_scim_provider import organizations
from django_scim_provider.checks.entries import did_you_mean, error, unknown_keys, warning
from django_scim_provider.checks.membership import (
    WHERE,
    check_membership,
    find_model,
    named_roles,
)
from django_scim_provider.checks.required_fields import check_member_fields
from django_scim_provider.conf import SETTING, Settings
from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from django_scim_provider.organizations.django_organizations import ADMIN, MEMBER, OWNER
from django_scim_provider.organizations.membership_names import MEMBERSHIP_KEYS, MembershipModel


def check_organizations(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``ORGANIZATION_BACKEND`` and ``MEMBERSHIP``."""
    membership = found.get("MEMBERSHIP", {})
    unknown = list(unknown_keys(WHERE, membership, MEMBERSHIP_KEYS))
    yield from unknown
    path = found.get("ORGANIZATION_BACKEND")
    if path is None:
        if membership:
            reads = f"{organizations.__name__}.{MembershipModelBackend.__name__}"
            message = f"{WHERE} is read by nobody: {SETTING}['ORGANIZATION_BACKEND'] is not set."
            yield error("E007", message, f"Set it to {reads!r}, or to a subclass of it.")
        return
    try:
        backend = import_string(path)
    except ImportError:
        return  # E004 says so
    if not isinstance(backend, type):
        yield error("E007", f"{path!r} is not a class.")
    elif issubclass(backend, DjangoOrganizationsBackend):
        if not find_model(backend.organization_model):
            hint = "Install django-organizations and add it to INSTALLED_APPS."
            yield error("E007", f"There is no model {backend.organization_model}.", hint)
            return
        if backend.roles is DjangoOrganizationsBackend.roles:
            yield from _required_roles(found, (OWNER, ADMIN, MEMBER))
        organization = find_model(backend.organization_model)
        members = organization._meta.get_field("organization_users").related_model
        given = {"organization", "user"}
        yield from check_member_fields(backend, DjangoOrganizationsBackend, members, given)
    elif issubclass(backend, MembershipModelBackend):
        problems = [] if unknown else list(check_membership(membership))
        yield from problems
        if unknown or problems:
            return
        if backend.roles is MembershipModelBackend.roles:
            yield from _required_roles(found, named_roles(membership))
        names = MembershipModel(**membership)
        given = {names.user, names.organization, *filter(None, (names.role, names.active))}
        members = find_model(names.model)
        yield from check_member_fields(backend, MembershipModelBackend, members, given)


def _required_roles(found: dict[str, Any], known: Iterable[str]) -> Iterator[CheckMessage]:
    """Yield the roles of ``REQUIRED_ROLE`` that nobody can have, one by one or all by default."""
    roles = dict.fromkeys(known)
    required = Settings().REQUIRED_ROLE
    if roles and "REQUIRED_ROLE" not in found and not roles.keys() & set(required):
        message = (
            f"Nobody can manage the connections of organizations: {SETTING}['REQUIRED_ROLE'] is "
            f"{required} unless it is set, and the roles of the project are {', '.join(roles)}."
        )
        hint = "Name the roles that may in REQUIRED_ROLE; [] where no role does."
        yield warning("W022", message, hint)
    for role in found.get("REQUIRED_ROLE", ()) if roles else ():
        if role not in roles:
            message = f"{SETTING}['REQUIRED_ROLE']: there is no role {role!r}."
            close = did_you_mean(role, {name: name for name in roles})
            yield error("E007", message, close or f"There are {', '.join(roles)}.")
