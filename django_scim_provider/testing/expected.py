"""Assertions that say in a sentence what was expected and what is there."""

from __future__ import annotations

import re
from typing import Any

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.core.urns import ERROR_URN
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.testing.scim_client import SCIMAnswer


def assert_answered(answer: SCIMAnswer, status: int = 200, **attributes: Any) -> SCIMAnswer:
    """See that a request was answered by a status, and that its body has these attributes.

    Raises:
        AssertionError: naming what differs.
    """
    if answer.status != status:
        raise AssertionError(f"The answer is not {status}: {answer!r}")
    for name, value in attributes.items():
        if answer[name] != value:
            raise AssertionError(f"{name} is {answer[name]!r}, not {value!r}.")
    return answer


def assert_refused(
    answer: SCIMAnswer,
    status: int | None = None,
    *,
    scim_type: str | None = None,
    attribute: str | None = None,
) -> SCIMAnswer:
    """See that a request was refused by a SCIM error, as an identity provider needs it.

    ``attribute`` is the one that the sentence of the error names, such as ``userName`` or
    ``name.familyName``. What is None may be anything; without a ``status``, any of 4xx.

    Raises:
        AssertionError: naming what differs. A fault of the project (5xx) refuses nothing.
    """
    expected = "refused" if status is None else f"refused by {status}"
    wrong = not 400 <= answer.status < 500 if status is None else answer.status != status
    body = answer.json if isinstance(answer.json, dict) else {}
    if wrong or ERROR_URN not in body.get("schemas", ()):
        raise AssertionError(f"The request was not {expected} as SCIM has it: {answer!r}")
    if scim_type is not None and answer.scim_type != scim_type:
        raise AssertionError(f"The scimType is not {scim_type!r}: {answer!r}")
    if attribute is not None and not _names(answer.detail, attribute):
        raise AssertionError(f"The error does not name {attribute}: {answer!r}")
    return answer


def assert_provisioned(
    connection: ProviderConnection,
    user_name: str,
    *,
    active: bool = True,
    **fields: Any,
) -> Any:
    """See that a connection has an account of that name, and return the project's user behind it.

    ``fields`` are those of the user model: ``assert_provisioned(acme, "ann", first_name="Ann")``.

    Raises:
        AssertionError: there is none, it is active where it should not be or the other way round,
            or a field has another value.
    """
    account = _account(connection, user_name)
    if account is None:
        names = sorted(_accounts(connection).values_list("user_name", flat=True)[:20])
        there = ", ".join(names) or "nobody"
        raise AssertionError(f"{connection.provider_id} has no {user_name!r}; it has {there}.")
    if bool(account.active) != active:
        state = "active" if account.active else "not active"
        raise AssertionError(f"{user_name!r} is {state} in {connection.provider_id}.")
    user = account.user
    if not active and account.created_user and _is_open(account):
        raise AssertionError(f"{user_name!r} is not active, and the user can still log in.")
    if active and getattr(user, "is_active", True) is False:
        raise AssertionError(f"{user_name!r} is active, and the user cannot log in.")
    for name, value in fields.items():
        if getattr(user, name) != value:
            raise AssertionError(f"{name} of the user is {getattr(user, name)!r}, not {value!r}.")
    return user


def assert_deprovisioned(connection: ProviderConnection, user_name: str) -> None:
    """See that a connection lets nobody of that name in: no account, or one that is not active.

    Raises:
        AssertionError: somebody of that name is active.
    """
    account = _account(connection, user_name)
    if account is not None and account.active:
        raise AssertionError(f"{user_name!r} is active in {connection.provider_id}.")
    if account is not None and account.created_user and _is_open(account):
        raise AssertionError(f"{user_name!r} is not active, and the user can still log in.")


def _accounts(connection: ProviderConnection) -> Any:
    return LinkedAccount.objects.using(get_settings().DATABASE).of(connection.provider_id)


def _account(connection: ProviderConnection, user_name: str) -> LinkedAccount | None:
    found = _accounts(connection).select_related("user").filter(account_id=fold(user_name))
    account: LinkedAccount | None = found.first()
    return account


def _is_open(account: LinkedAccount) -> bool:
    """Tell whether the user may log in though no connection calls them active."""
    others = LinkedAccount.objects.using(account._state.db).filter(user=account.user, active=True)
    return getattr(account.user, "is_active", False) and not others.exists()


def _names(sentence: str, attribute: str) -> bool:
    # A URN is followed by a colon, a name by a dot where a sub-attribute is meant: both count.
    return re.search(rf"(?<![\w.]){re.escape(attribute)}(?!\w)", sentence) is not None
