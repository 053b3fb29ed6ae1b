"""The adapter by itself: what its methods return, and whether they find who is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.user_fields import UserFields
from django_scim_provider.conf import get_user_model
from django_scim_provider.connections.recordings.rehearsing import has_ended
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import content
from django_scim_provider.selfcheck.checked_connection import CheckedConnection, raised
from django_scim_provider.selfcheck.told_faults import NothingToCheck, ToldFault, TransactionEnded
from django_scim_provider.user_model import user_model_fields


class AskedAdapter:
    """Calls methods of the adapter, each undone by itself, and collects what raises."""

    def __init__(self, checked: CheckedConnection, adapter: DefaultAdapter) -> None:
        self.checked, self.adapter = checked, adapter
        self.faults: list[ToldFault] = []

    def __call__(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        """Return what a method returns; ``NOTHING`` where it raises."""
        return self.run(name, lambda: getattr(self.adapter, name)(*arguments, **keywords))

    def run(self, name: str, call: Callable[[], Any]) -> Any:
        """Return what a call of a method returns; ``NOTHING`` where it raises.

        Raises:
            TransactionEnded: the database has ended the transaction.
        """
        try:
            with self.checked.asking():
                return call()
        except Exception as error:
            fault = raised(f"{name}()", error)
            if fault.where.startswith("django"):  # what it returned was no good
                fault = replace(fault, where=self.checked.at(name))
            if has_ended(self.checked.using):
                raise TransactionEnded(fault) from error
            self.faults.append(fault)
            return NOTHING

    def wrong(self, name: str, says: str, level: Any = "error") -> None:
        """Collect a fault of a method."""
        self.faults.append(ToldFault(self.checked.at(name), f"{name}() {says}", level))


NOTHING = object()
"""What a method returned that raised."""


def answers_of_the_adapter(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield which methods of the adapter return what the app cannot use."""
    sent = checked.user()
    step = checked.step("Creating a user", "POST", "/Users", sent, expect=(201,))
    yield from step.faults
    account = checked.account(str(step.answer.body.get("id"))) if step.went else None
    if step.went and account is None:
        raise NothingToCheck("USER_STORE keeps users elsewhere and asks no adapter.")
    resource = sent if account is None else content(account.resource)
    asked = AskedAdapter(checked, checked.adapter(resource))
    fields = asked("user_fields", resource)
    if fields is not NOTHING:
        _look_at_fields(asked, resource, fields)
    if account is not None:
        _look_at_types(asked, account.user, resource)
        if isinstance(fields, dict):
            _look_at_finding(asked, account.user, fields)
        _look_at_roles(asked, account.user)
    yield from asked.faults


def _look_at_fields(asked: AskedAdapter, resource: Resource, fields: Any) -> None:
    if not isinstance(fields, dict):
        asked.wrong("user_fields", f"returns {_kind(fields)}, and a dict is due.")
        return
    again = asked("user_fields", resource)
    if again is not NOTHING and again != fields:
        names = sorted(name for name in fields if again.get(name) != fields[name])
        asked.wrong(
            "user_fields",
            f"returns other values each time ({', '.join(names)}): every request writes them.",
        )
    for name, value in fields.items():
        _look_at_field(asked, name, value)
    model, adapter = get_user_model(), asked.adapter
    usual = asked.run("user_fields", lambda: UserFields.user_fields(adapter, resource))
    for name in () if usual is NOTHING else usual:
        if name not in fields:
            needed = name in (model.USERNAME_FIELD, user_model_fields().get("email"))
            asked.wrong(
                "user_fields",
                f"leaves {name} out: no user gets what the directory sends for it.",
                "error" if needed else "warning",
            )


def _look_at_field(asked: AskedAdapter, name: str, value: Any) -> None:
    try:
        column: Any = get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        asked.wrong("user_fields", f"returns {name!r}, which the user model does not have.")
        return
    try:
        taken = value if column.is_relation else column.to_python(value)
    except (ValidationError, TypeError, ValueError):
        kind = column.get_internal_type()
        asked.wrong("user_fields", f"returns {value!r} for {name}, which no {kind} takes.")
        return
    if taken is not None and value is not None and type(taken) is not type(value):
        asked.wrong(
            "user_fields",
            f"returns {_kind(value)} for {name}, and the column holds {_kind(taken)}: every "
            "request writes it again.",
        )
    normal = asked("normalized", name, value)
    again = normal if normal is NOTHING else asked("normalized", name, normal)
    if again is not NOTHING and again != normal:
        asked.wrong(
            "normalized", f"makes {normal!r} of {value!r} and {again!r} of that for {name}."
        )


def _look_at_types(asked: AskedAdapter, user: Any, resource: Resource) -> None:
    address = str(getattr(user, user.get_email_field_name(), "") or "")
    due: tuple[tuple[str, tuple[Any, ...], Callable[[Any], bool], str], ...] = (
        ("identity_fields", (), _is_names, "a collection of names"),
        ("protected_users", (), lambda found: isinstance(found, QuerySet), "a queryset"),
        ("is_protected", (user,), _is_bool, "True or False"),
        ("is_email_verified", (user, address), _is_bool_or_none, "True, False or None"),
        ("has_other_login", (user,), _is_bool, "True or False"),
        ("may_change_identity", (user,), _is_bool, "True or False"),
        ("me", (), lambda found: found is None or isinstance(found, str), "a text or None"),
        ("roles", (), _is_sequence, "a sequence of names"),
        ("is_active", (user,), _is_bool_or_none, "True, False or None"),
        ("identifier", (resource,), lambda found: isinstance(found, str), "a text"),
        ("email", (resource,), lambda found: isinstance(found, str), "a text"),
        ("describe", (user,), lambda found: isinstance(found, dict), "a dict"),
    )
    for name, arguments, fits, words in due:
        found = asked(name, *arguments)
        if found is not NOTHING and not fits(found):
            asked.wrong(name, f"returns {_kind(found)}, and {words} is due.")
    if asked("is_protected", user) is True:
        asked.wrong("is_protected", "protects a user whom provisioning just made.")


def _look_at_finding(asked: AskedAdapter, user: Any, fields: dict[str, Any]) -> None:
    names = (get_user_model().USERNAME_FIELD, user_model_fields().get("email", ""))
    for name in dict.fromkeys(names):
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            continue
        for form in dict.fromkeys([value, value.upper()]):
            keys = asked.run("find_users", partial(_found, asked.adapter, {name: form}))
            if keys is NOTHING:
                return
            if user.pk not in keys:
                case = "" if form == value else " in another case"
                asked.wrong(
                    "find_users",
                    f"does not find the user who has this {name}{case}: somebody else may get it.",
                )
                return


def _found(adapter: DefaultAdapter, fields: dict[str, Any]) -> set[Any]:
    return {each.pk for each in adapter.find_users(fields)}


def _look_at_roles(asked: AskedAdapter, user: Any) -> None:
    roles = asked("roles")
    if roles is NOTHING or not _is_sequence(roles) or not roles:
        return
    if type(asked.adapter).role_holders is DefaultAdapter.role_holders:
        return
    for name, holds in (("grant_role", True), ("revoke_role", False)):
        given = asked(name, user, roles[0])
        if holds and given is not NOTHING and not _is_bool(given):
            asked.wrong(name, f"returns {_kind(given)}, and True or False is due.")
        held = asked("role_holders", [user], roles[0])
        if isinstance(held, Collection) and (user.pk in held) is not holds:
            state = "does not hold" if holds else "still holds"
            asked.wrong("role_holders", f"says that a user {state} {roles[0]!r} after {name}().")


def _is_bool(found: Any) -> bool:
    return isinstance(found, bool)


def _is_bool_or_none(found: Any) -> bool:
    return found is None or isinstance(found, bool)


def _is_sequence(found: Any) -> bool:
    return isinstance(found, Sequence) and not isinstance(found, str)


def _is_names(found: Any) -> bool:
    named = isinstance(found, Collection) and not isinstance(found, str)
    return named and all(isinstance(name, str) for name in found)


def _kind(found: Any) -> str:
    if found is None:
        return "None"
    return f"{found!r}" if isinstance(found, str | bool | int) else f"a {type(found).__name__}"
