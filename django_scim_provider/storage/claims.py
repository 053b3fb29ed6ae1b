"""What a write of a user wants for itself alone, and who holds it already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.storage.account_rows import find_account

_UNIQUE_COLUMNS = {
    "user_name_key": "userName",
    "external_id": "externalId",
    "account_id": "externalId or userName, as the key of an account,",
}
TAKEN_BY_USER = "userName or an e-mail address belongs to an existing user."


@dataclass(slots=True)
class Claim:
    """Account keys, host field values, and whose they are."""

    keys: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    own: UUID | None = None
    own_user: Any = None

    def holder_in_sight(self, context: StoreContext) -> str | None:
        """Return the id of the account that has the name, if the connection may read it."""
        own = LinkedAccount.objects.using(context.using).of(context.provider_id)
        same = own.filter(user_name_key=self.keys["user_name_key"])
        key = same.values_list("pk", flat=True).first()
        shown = key is not None and find_account(context, key) is not None
        return str(key) if shown else None


def refuse_taken(
    claim: Claim, accounts: LinkedAccountQuerySet, *, among_accounts: bool = False
) -> None:
    """Raise where somebody else holds what is claimed.

    ``accounts`` are those of the connection; ``among_accounts`` asks for them even where no host's
    user is in the way.

    Raises:
        Uniqueness: naming what is taken.
    """
    taken = False
    if claim.fields:
        users = get_adapter(using=accounts.db).find_users(claim.fields)
        taken = users.exclude(pk=claim.own_user).exists()
    if not taken and not among_accounts:
        return
    others = accounts.exclude(pk=claim.own) if claim.own else accounts
    for column, attribute in _UNIQUE_COLUMNS.items():
        value = claim.keys.get(column)
        if value is not None and others.filter(**{column: value}).exists():
            raise Uniqueness(f"{attribute} is already in use.")
    if taken:
        raise Uniqueness(TAKEN_BY_USER)


def held_account(claim: Claim, accounts: LinkedAccountQuerySet) -> UUID | None:
    """Return the one account that goes by the claimed name or ``externalId``.

    None where there is none or more than one, or where it goes by another ``externalId``: that is
    somebody else's.
    """
    external_id = claim.keys["external_id"]
    same = Q(user_name_key=claim.keys["user_name_key"])
    if external_id is not None:
        same |= Q(external_id=external_id)
    found = list(accounts.filter(same).values_list("pk", "external_id")[:2])
    if len(found) != 1 or found[0][1] not in (None, external_id):
        return None
    return found[0][0]
