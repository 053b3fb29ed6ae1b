"""What a write of a user wants for itself alone, and who holds it already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.models.accounts import LinkedAccountQuerySet

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
