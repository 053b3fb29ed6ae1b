"""What is remembered of deleted accounts whose users live on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import Tombstone
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import AccountRow
from django_scim_provider.storage.users.returning import is_same_person


def find_tombstone(context: StoreContext, keys: Mapping[str, Any]) -> Tombstone | None:
    """Return the tombstone of the person whom the keys of a new account name.

    The caller that brings its user back locks the user. None as well where several could be meant:
    the same ``externalId`` decides between those of one name, and nothing else does.
    """
    rows = _own(context).filter(account_id=keys["account_id"])
    found = [row for row in rows if is_same_person(keys, row.account_id, row.external_id)]
    exact = [row for row in found if row.external_id == keys["external_id"]]
    candidates = exact or found
    return candidates[0] if len(candidates) == 1 else None


def create_tombstone(
    context: StoreContext,
    user: AbstractBaseUser,
    account: AccountRow,
    resource: Resource,
    *,
    closed: bool,
) -> None:
    """Remember which user a deleted account stood for, and whether its log-in was closed."""
    own = _own(context)
    own.filter(user_id=user.pk).delete()
    own.create(
        **{"provider_id": context.provider_id, "user_id": user.pk},
        external_id=resource.get("externalId"),
        account_id=fold(resource["userName"]),
        created_user=account.created_user,
        manages_profile=account.manages_profile,
        deactivated_user=closed,
    )


def _own(context: StoreContext) -> QuerySet[Tombstone]:
    rows = Tombstone.objects.using(context.using)
    return rows.filter(**{"provider_id": context.provider_id})
