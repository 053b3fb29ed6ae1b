"""``MEMBERSHIP`` against the models that it describes: fields, roles and look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField
from django.db.models.constants import LOOKUP_SEP

from django_scim_provider.checks.entries import did_you_mean, error
from django_scim_provider.checks.types import fits
from django_scim_provider.conf import SETTING
from django_scim_provider.core.folding import fold
from django_scim_provider.organizations.membership_names import MembershipModel

WHERE = f"{SETTING}['MEMBERSHIP']"


def check_membership(membership: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what does not fit: names of models and fields, roles, look-ups of teams.

    The keys of ``membership`` are known.
    """
    if not isinstance(membership.get("model"), str):
        yield error("E007", f"{WHERE}['model'] must name the membership model.")
        return
    hints = get_type_hints(MembershipModel)
    wrong = [key for key, value in membership.items() if not fits(value, hints[key])]
    if wrong:
        for key in wrong:
            wanted = MembershipModel.__annotations__[key]
            yield error("E002", f"{WHERE}[{key!r}] must be {wanted}.")
        return
    names = MembershipModel(**membership)
    model = find_model(names.model)
    if model is None:
        yield error("E007", f"{WHERE}['model']: there is no model {names.model!r}.")
        return
    missing = list(_missing_fields(model, names))
    yield from missing
    if not missing:
        yield from _fields(model, names)
        yield from _organization_active(model, names)
        yield from _roles(model, names)
        yield from _teams(model, names)


def _missing_fields(model: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    for key in ("user", "organization", "role", "active"):
        name = getattr(names, key)
        if name is not None and _field(model, name) is None:
            hint = did_you_mean(name, _field_names(model))
            yield error("E007", f"{WHERE}[{key!r}]: {names.model} has no field {name!r}.", hint)


def _fields(model: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    if not _leads_to(_field(model, names.user), get_user_model()):
        yield error("E007", f"{WHERE}['user'] must be a foreign key to the user model.")
    if _field(model, names.organization).many_to_many:
        yield error("E007", f"{WHERE}['organization'] must be a foreign key or hold an id.")
    if names.active is not None and not isinstance(_field(model, names.active), BooleanField):
        yield error("E007", f"{WHERE}['active'] must be a boolean field.")


def _organization_active(model: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    if names.organization_active is None:
        return
    name, where = names.organization_active, f"{WHERE}['organization_active']"
    related = _field(model, names.organization).related_model
    if related is None:
        refers = "It is a field of the model that the foreign key refers to."
        yield error("E007", f"{where} needs 'organization' to be a foreign key.", refers)
    elif not isinstance(_field(related, name), BooleanField):
        hint = did_you_mean(name, _field_names(related))
        yield error("E007", f"{where}: {related._meta.label} has no boolean field {name!r}.", hint)


def named_roles(membership: dict[str, Any]) -> list[str]:
    """Return the roles that there can be, where the role field has choices; else none."""
    names = MembershipModel(**membership)
    return list(_choices(find_model(names.model), names).values())


def _choices(model: Any, names: MembershipModel) -> dict[str, str]:
    """Return the values of the choices of the role field, by themselves and by their labels."""
    if names.role is None:
        return {}
    choices = [(str(value), str(label)) for value, label in _field(model, names.role).flatchoices]
    return {label: value for value, label in choices} | {value: value for value, _ in choices}


def _roles(model: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    """Yield the roles that no membership can have: whose last owner would not be protected."""
    if names.role is None:
        return
    field, choices = _field(model, names.role), _choices(model, names)
    if field.is_relation:
        yield error("E007", f"{WHERE}['role'] must be a field that holds the role's name.")
        return
    if fold(names.default_role) in map(fold, names.owner_roles):
        yield error("E007", f"{WHERE}['default_role'] must not be the role of an owner.")
    of_owners = [("owner_roles", role) for role in names.owner_roles]
    for key, role in [("default_role", names.default_role), *of_owners]:
        if choices and role not in choices.values():
            message = f"{WHERE}[{key!r}]: {role!r} is not a choice of the field {names.role!r}."
            values = ", ".join(dict.fromkeys(choices.values()))
            hint = did_you_mean(role, choices) or f"Its choices are {values}."
            yield error("E007", message, hint)
        elif field.max_length is not None and len(role) > field.max_length:
            limit = f"The field {names.role!r} holds {field.max_length} characters."
            yield error("E007", f"{WHERE}[{key!r}]: {role!r} is too long.", limit)
        elif not role.strip() or "," in role:
            message = f"{WHERE}[{key!r}]: {role!r} is not the name of a role."
            yield error("E007", message, "Roles have names without commas.")


def _teams(membership: Any, names: MembershipModel) -> Iterator[CheckMessage]:
    organization = _field(membership, names.organization).related_model
    for label, paths in names.teams.items():
        where, model = f"{WHERE}['teams']", find_model(label)
        if model is None:
            yield error("E007", f"{where}: there is no model {label!r}.")
            continue
        for path, target in zip(paths, (get_user_model(), organization), strict=True):
            yield from _lookup(f"{where}[{label!r}]", model, path, target)


def _lookup(where: str, model: Any, path: str, target: Any) -> Iterator[CheckMessage]:
    """Yield why a look-up does not lead from a model to another; ``target`` None: to any field."""
    found = None
    for part in path.split(LOOKUP_SEP):
        if model is None:
            yield error("E007", f"{where}: {path!r} goes on behind the last relation.")
            return
        found = model._meta.pk if part == "pk" else _field(model, part)
        if found is None:
            message = (
                f"{where}: {path!r} is not a look-up, {model._meta.label} has no field {part!r}."
            )
            yield error("E007", message, did_you_mean(part, _field_names(model)))
            return
        model = found.related_model
    if target is not None and not _leads_to(found, target):
        yield error("E007", f"{where}: {path!r} does not lead to {target._meta.label}.")


def _leads_to(field: Any, target: Any) -> bool:
    """Tell whether a field refers to a model, or is its key."""
    related = field.related_model
    if related is None:
        return bool(field == target._meta.pk)
    return bool(related._meta.concrete_model is target._meta.concrete_model)


def find_model(label: str) -> Any:
    """Return the model of a label; None where there is none."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _field_names(model: Any) -> dict[str, str]:
    fields: Iterable[Any] = model._meta.get_fields()
    return {field.name: field.name for field in fields}
