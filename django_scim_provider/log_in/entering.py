"""Who enters: the active account of a connection, or the reason why there is none."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.adapter import get_adapter
from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.core.folding import fold
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.log_in.bindings import Binding, binding_of, connection_of, text_of
from django_scim_provider.log_in.bound_sessions import mark
from django_scim_provider.log_in.refusals import LogInRefused, Refusal
from django_scim_provider.models import LinkedAccount, ProviderConnection, Tombstone
from django_scim_provider.organizations import get_organization_backend, is_active_organization
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.store_context import StoreContext, context_of
from django_scim_provider.user_model import is_privileged

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ActiveAccount:
    """Somebody who may enter."""

    account: LinkedAccount
    user: AbstractBaseUser
    """Log in this very object: it carries the connection into the session."""
    connection: ProviderConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asserted:
    """What is said of somebody; at least one of the three is a text."""

    external_id: str | None = None
    user_name: str | None = None
    id: str | None = None


def active_account(
    connection: ProviderConnection | str,
    *,
    external_id: str | None = None,
    user_name: str | None = None,
    id: str | None = None,
    using: str | None = None,
    privileged: bool = False,
    linked: bool = False,
    attached_to: Any = None,
) -> ActiveAccount:
    """Return the active account of a connection by exactly one of its names.

    ``external_id`` is compared exactly, ``user_name`` folded as SCIM has it, ``id`` is the SCIM id.
    ``privileged`` lets staff and superusers enter, ``linked`` users whom the connection did not
    make; one whom the log-in package itself knows by that very log-in, because it was attached
    before, needs no such leave: ``attached_to`` is the key of that user.

    Raises:
        LogInRefused: there is none, or nobody can tell which; its ``reason`` says why.
    """
    if sum(name is not None for name in (external_id, user_name, id)) != 1:
        raise TypeError("active_account() takes exactly one of external_id, user_name and id.")
    alias = using or get_settings().DATABASE
    if isinstance(connection, str):
        found = ProviderConnection.objects.using(alias).filter(provider_id=connection).first()
    else:
        found = connection
    asserted = _Asserted(external_id=external_id, user_name=user_name, id=id)
    leave = Binding(privileged=privileged, linked=linked)
    return _active(found, asserted, leave, using=alias, attached_to=attached_to)


def account_of_log_in(
    provider: str,
    claims: Mapping[str, Any],
    *,
    using: str | None = None,
    attached_to: Any = None,
) -> ActiveAccount | None:
    """Return who enters by what a log-in provider asserts, as its binding has it.

    ``provider`` is the key of the log-in provider, which the package that logs in knows; ``claims``
    is what it has verified. ``attached_to`` is the key of the user to whom that package attached
    this log-in before, if it did.

    None: the log-in provider is not bound to a connection, or the connection does not know the
    person and lets others in as well. The package goes on as it does without SCIM.

    Raises:
        LogInRefused: the person does not enter.
    """
    binding = binding_of(provider)
    if binding is None:
        return None
    alias = using or get_settings().DATABASE
    connection = connection_of(provider, claims, using=alias)
    if connection is None and provider not in get_settings().LOG_IN:
        return None  # the function of the binding for ANY does not know the log-in provider
    asserted = _Asserted(
        external_id=text_of(claims, binding.external_id),
        user_name=text_of(claims, binding.user_name),
    )
    try:
        return _active(connection, asserted, binding, using=alias, attached_to=attached_to)
    except LogInRefused as refused:
        if _is_let_in(refused, connection, binding, alias, attached_to):
            return None
        provider_id = getattr(connection, "provider_id", "-")
        logger.info("Log-in by %s for %s refused: %s", provider, provider_id, refused.reason)
        raise


def may_sign_up(
    provider: str,
    claims: Mapping[str, Any] | None = None,
    *,
    using: str | None = None,
) -> None:
    """Return where somebody whom a log-in provider asserts may make a new user of themselves.

    Raises:
        LogInRefused: only provisioned people enter, the person was deprovisioned, or has an account
            by now and should log in.
    """
    if account_of_log_in(provider, claims or {}, using=using) is not None:
        raise LogInRefused(Refusal.AMBIGUOUS)


def _is_let_in(
    refused: LogInRefused,
    connection: ProviderConnection | None,
    binding: Binding,
    using: str,
    attached_to: Any,
) -> bool:
    """Tell whether somebody whom the connection does not know enters as anybody does.

    Not as a user of whom the connection has an account, as that one is under another name, nor as
    staff who have no leave.
    """
    if refused.reason is not Refusal.UNKNOWN or connection is None:
        return False
    if attached_to is not None:
        own = LinkedAccount.objects.using(using).of(connection.provider_id)
        users = get_user_model()._base_manager.using(using)
        privileged = users.filter(is_privileged(), pk=attached_to)
        if own.filter(user=attached_to).exists() or (
            not binding.privileged and privileged.exists()
        ):
            return False
    return not binding.requires_account(connection)


def _active(
    connection: ProviderConnection | None,
    asserted: _Asserted,
    leave: Binding,
    *,
    using: str,
    attached_to: Any,
) -> ActiveAccount:
    if connection is None or connection.decommissioned_at is not None:
        raise LogInRefused(Refusal.NO_CONNECTION)
    context = replace(context_of(connection), using=using)
    with entered(context):
        account = _account(context, asserted)
        users = get_user_model()._default_manager.using(using)
        user: AbstractBaseUser | None = users.filter(pk=account.user_id).first()
        if account.released_at is not None:
            raise LogInRefused(Refusal.DEPROVISIONED)
        if not account.active or user is None:
            raise LogInRefused(Refusal.INACTIVE)
        _refuse_inactive(context, user)
        _refuse_others(context, account, user, leave, attached_to)
        _refuse_strangers(context, user)
    mark(user, connection.provider_id)
    return ActiveAccount(account=account, user=user, connection=connection)


def _account(context: StoreContext, asserted: _Asserted) -> LinkedAccount:
    """Return the account that is meant.

    Raises:
        LogInRefused: there is none, or several.
    """
    rows = LinkedAccount.objects.using(context.using).of(context.provider_id).defer("resource")
    external_id, user_name = _askable(asserted.external_id), _askable(asserted.user_name)
    key = None if user_name is None else fold(user_name)
    if asserted.id is not None:
        found = list(rows.filter(scim_id=asserted.id)) if may_be_id(asserted.id) else []
    elif external_id is None:
        found = [] if key is None else list(rows.filter(account_id=key))
    else:
        # Exactly, whatever the database takes for equal.
        found = [
            row for row in rows.filter(external_id=external_id) if row.external_id == external_id
        ]
        if len(found) > 1:
            found = [each for each in found if each.account_id == key] or found
        elif not found and key is not None:
            # Where both sides carry an externalId, it has to be the same.
            found = list(rows.filter(account_id=key, external_id=None))
    if not found:
        raise LogInRefused(_why_unknown(context, external_id, key))
    if len(found) > 1:
        raise LogInRefused(Refusal.AMBIGUOUS)
    return found[0]


def _askable(text: str | None) -> str | None:
    """Return a text that somebody can have and the database can be asked for; None for others."""
    if not text or "\x00" in text:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # halves of characters
        return None
    return text


def _why_unknown(context: StoreContext, external_id: str | None, key: str | None) -> Refusal:
    own = Tombstone.objects.using(context.using).filter(**{"provider_id": context.provider_id})
    gone: QuerySet[Tombstone] = own.none()
    if external_id is not None:
        gone = own.filter(external_id=external_id)
    elif key is not None:
        gone = own.filter(account_id=key)
    return Refusal.DEPROVISIONED if gone.exists() else Refusal.UNKNOWN


def _refuse_inactive(context: StoreContext, user: AbstractBaseUser) -> None:
    told = get_adapter(context.for_project()).is_active(user)
    if told is False or not getattr(user, "is_active", True):
        raise LogInRefused(Refusal.INACTIVE)


def _refuse_others(
    context: StoreContext,
    account: LinkedAccount,
    user: AbstractBaseUser,
    leave: Binding,
    attached_to: Any,
) -> None:
    """Refuse whoever is not the connection's to log in, unless the binding gives leave."""
    flags = (getattr(user, name, False) for name in ("is_staff", "is_superuser"))
    is_privileged = any(flags) or get_adapter(context.for_project()).is_protected(user)
    if is_privileged and not leave.privileged:
        raise LogInRefused(Refusal.NOT_ALLOWED)
    if attached_to is not None and attached_to != user.pk:
        raise LogInRefused(Refusal.NOT_ALLOWED)
    if not (account.created_user or leave.linked or attached_to is not None):
        raise LogInRefused(Refusal.NOT_ALLOWED)


def _refuse_strangers(context: StoreContext, user: AbstractBaseUser) -> None:
    """Refuse whoever is no active member of the connection's organization."""
    organization_id = context.organization_id
    if organization_id is None:
        return
    backend = get_organization_backend(using=context.using)
    if backend is None or not is_active_organization(organization_id, using=context.using):
        raise LogInRefused(Refusal.NO_CONNECTION)
    if organization_id not in backend.memberships(user):
        raise LogInRefused(Refusal.NOT_A_MEMBER)
