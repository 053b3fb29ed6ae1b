"""What people read of a difference: the names that forms and lists use, and none of the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.insight.drift import Aspect, Difference
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.users.mapping.one_to_one import related_model

PARTS: Mapping[Aspect, str | Promise] = {
    Aspect.ACCOUNT: _("account"),
    Aspect.GROUP: _("group"),
    Aspect.USER: _("user"),
    Aspect.MEMBERSHIP: _("membership"),
    Aspect.ROLE: _("role"),
}
_ROLES: Mapping[str, str | Promise] = {
    "django_group": _("Django group %(name)s"),
    "organization_role": _("role %(name)s in the organization"),
    "project_role": _("role %(name)s"),
}
_BESIDE: Mapping[str, str | Promise] = {
    "emails": _("e-mail addresses"),
    "folded": _("what searches find it by"),
}
"""What is no column of the account or group itself."""


def groups_named(differences: Iterable[Difference]) -> dict[str, str]:
    """Return the names of the Django groups that differ, by their keys."""
    keys = [
        key
        for each in differences
        if each.part is Aspect.ROLE
        for kind, _space, key in [each.name.partition(" ")]
        if kind == "django_group"
    ]
    if not keys:
        return {}
    found = Group.objects.using(get_settings().DATABASE).filter(pk__in=keys)
    return {str(key): name for key, name in found.values_list("pk", "name")}


def difference_in_words(difference: Difference, groups: Mapping[str, str]) -> str:
    """Return what differs, such as ``user: first name``; ``groups`` are from ``groups_named``."""
    part, name = difference.part, difference.name
    if part is Aspect.ROLE:
        kind, _space, role = name.partition(" ")
        return str(_ROLES[kind]) % {"name": groups.get(role, role)}
    title = _title(part, name)
    return f"{PARTS[part]}: {title}" if title else str(PARTS[part])


def _title(part: Aspect, name: str) -> str:
    """Return what a column is called; nothing where all of it is meant."""
    if part is Aspect.MEMBERSHIP or name == "pk":
        return ""
    if part is not Aspect.USER:
        model: Any = LinkedAccount if part is Aspect.ACCOUNT else ProvisionedGroup
        return str(_BESIDE[name]) if name in _BESIDE else _column(model, name)
    accessor, dot, field = name.partition(".")
    return _column(related_model(accessor), field) if dot else _column(get_user_model(), name)


def _column(model: type[Model], name: str) -> str:
    """Return the title of a column; an adapter may tell of other things by names of its own."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return str(getattr(field, "verbose_name", name))
