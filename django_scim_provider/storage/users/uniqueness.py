"""What a write of a user wants for itself alone, and who holds it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.core.folding import fold_name
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import find_account
from django_scim_provider.user_model import name_fields

TAKEN_BY_USER = "userName or an e-mail address belongs to an existing user."


@dataclass(slots=True)
class Claim:
    """Account keys, host field values, and whose they are."""

    keys: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    names: Set[str] = frozenset()
    """Folded names and addresses that the account did not have before."""
    own: UUID | None = None
    own_user: Any = None
    adapter: DefaultAdapter | None = None
    """Who is asked for holders, among the users of the project; None while nobody is written."""

    def holder_in_sight(self, context: StoreContext) -> str | None:
        """Return the id of the account that has the name, if the connection may read it."""
        own = LinkedAccount.objects.using(context.using).of(context.provider_id)
        same = own.filter(account_id=self.keys["account_id"])
        id = same.values_list("scim_id", flat=True).first()
        shown = id is not None and find_account(context, id) is not None
        return str(id) if shown else None


def names_of(resource: Resource, more: Iterable[Any] = ()) -> set[str]:
    """Return the names of a resource, folded: ``userName`` and every address; and ``more``."""
    addresses = (email.get("value") for email in resource.get("emails", ()))
    texts = (resource.get("userName"), *addresses, *more)
    return {fold_name(str(text)) for text in texts if text}


def refuse_beside_protected(claim: Claim, adapter: DefaultAdapter) -> None:
    """Raise where a claimed name could be taken for a protected user's.

    Raises:
        Uniqueness: it could. That the user is protected is not said.
    """
    if claim.names and is_beside_protected(claim, adapter, protected_names(adapter)):
        raise Uniqueness(TAKEN_BY_USER)


def protected_names(adapter: DefaultAdapter) -> dict[str, set[Any]]:
    """Return the names and addresses of protected users, folded, with the keys of the users."""
    found: dict[str, set[Any]] = {}
    for key, *texts in adapter.protected_users().values_list("pk", *name_fields()):
        for name in filter(None, (fold_name(str(text or "")) for text in texts)):
            found.setdefault(name, set()).add(key)
    return found


def is_beside_protected(
    claim: Claim, adapter: DefaultAdapter, protected: Mapping[str, set[Any]]
) -> bool:
    """Tell whether a claimed name or address could be taken for one of the ``protected_names``."""
    keys = {key for name in claim.names & protected.keys() for key in protected[name]}
    users = get_user_model()._base_manager.using(adapter.using)
    others = keys - {claim.own_user}
    return bool(others) and any(map(adapter.is_protected, users.filter(pk__in=others)))


def refuse_taken(
    claim: Claim,
    accounts: LinkedAccountQuerySet,
    *,
    among_accounts: bool = False,
) -> None:
    """Raise where somebody else holds what is claimed.

    ``accounts`` are those of the connection; ``among_accounts`` asks for them even where no host's
    user is in the way.

    Raises:
        Uniqueness: naming what is taken.
    """
    taken = False
    if claim.adapter is not None:
        refuse_beside_protected(claim, claim.adapter)
        if claim.fields:
            taken = _holds_other_than(claim.adapter.find_users(claim.fields), claim.own_user)
    if not taken and not among_accounts:
        return
    others = accounts.exclude(pk=claim.own) if claim.own else accounts
    account_id = claim.keys.get("account_id")
    if account_id is not None and others.filter(account_id=account_id).exists():
        raise Uniqueness("userName is already in use.")
    if taken:
        raise Uniqueness(TAKEN_BY_USER)


def _holds_other_than(users: Iterable[AbstractBaseUser], own: Any) -> bool:
    """Tell whether one of them is another user, in whatever form the adapter returns them."""
    if isinstance(users, QuerySet) and not (users.query.is_sliced or users.query.combinator):
        return users.exclude(pk=own).exists()
    return any(user.pk != own for user in users)
