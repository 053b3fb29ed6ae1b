"""The settings of organizations, against the project's models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist
from django.utils.module_loading import import_string

from django_scim_provider.checks.messages import error, unknown_keys
from django_scim_provider.conf import SETTING
from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from django_scim_provider.organizations.membership_model import MEMBERSHIP_KEYS, MembershipModel

WHERE = f"{SETTING}['MEMBERSHIP']"


def check_organizations(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``ORGANIZATION_BACKEND`` and ``MEMBERSHIP``."""
    membership = found.get("MEMBERSHIP", {})
    yield from unknown_keys(WHERE, membership, MEMBERSHIP_KEYS)
    path = found.get("ORGANIZATION_BACKEND")
    if path is None:
        return
    try:
        backend = import_string(path)
    except ImportError:
        return  # E004 says so
    if not isinstance(backend, type):
        yield error("E007", f"{path!r} is no class.")
    elif issubclass(backend, DjangoOrganizationsBackend):
        if not _model(backend.organization_model):
            hint = "Install django-organizations and add it to INSTALLED_APPS."
            yield error("E007", f"There is no model {backend.organization_model}.", hint)
    elif issubclass(backend, MembershipModelBackend):
        yield from _membership(membership)


def _membership(membership: dict[str, Any]) -> Iterator[CheckMessage]:
    if not isinstance(membership.get("model"), str):
        yield error("E007", f"{WHERE}['model'] must name the membership model.")
        return
    if not membership.keys() <= MEMBERSHIP_KEYS:
        return
    names = MembershipModel(**membership)
    model = _model(names.model)
    if model is None:
        yield error("E007", f"{WHERE}['model']: there is no model {names.model!r}.")
        return
    for key in ("user", "organization", "role", "active"):
        name = getattr(names, key)
        if name is not None and not _has_field(model, name):
            yield error("E007", f"{WHERE}[{key!r}]: {names.model} has no field {name!r}.")
    yield from _organization_active(model, names)
    if names.default_role in names.owner_roles:
        yield error("E007", f"{WHERE}['default_role'] must not be the role of an owner.")
    for label in names.teams:
        if _model(label) is None:
            yield error("E007", f"{WHERE}['teams']: there is no model {label!r}.")


def _organization_active(model: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    if names.organization_active is None or not _has_field(model, names.organization):
        return
    related = model._meta.get_field(names.organization).related_model
    if related is None:
        hint = "It is a field of the model that the foreign key refers to."
        message = f"{WHERE}['organization_active'] needs 'organization' to be a foreign key."
        yield error("E007", message, hint)
    elif not _has_field(related, names.organization_active):
        yield error(
            "E007",
            f"{WHERE}['organization_active']: {related._meta.label} has no field "
            f"{names.organization_active!r}.",
        )


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
