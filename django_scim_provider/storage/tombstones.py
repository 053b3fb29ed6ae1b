"""What is remembered of deleted accounts whose users live on."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.core.folding import fold
from django_scim_provider.core.schema import Resource
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import Tombstone
from django_scim_provider.storage.account_rows import AccountRow


def find_tombstone(context: StoreContext, resource: Resource) -> Tombstone | None:
    """Return the tombstone of an account like this; whoever brings its user back locks the user.

    Its ``externalId`` finds it; its name only where provisioning had made the user.
    """
    own = _own(context)
    external_id = resource.get("externalId")
    found = None
    if external_id is not None:
        found = own.filter(external_id=external_id).first()
    if found is None:
        name = fold(resource["userName"])
        found = own.filter(user_name_key=name, created_user=True).order_by("-pk").first()
    return found


def create_tombstone(
    context: StoreContext,
    user: AbstractBaseUser,
    account: AccountRow,
    resource: Resource,
    *,
    closed: bool,
) -> None:
    """Remember which user a deleted account stood for, and whether its log-in was closed."""
    own, external_id = _own(context), resource.get("externalId")
    if external_id is not None:
        own.filter(external_id=external_id).delete()
    own.filter(user_id=user.pk).delete()
    own.create(
        **{"provider_id": context.provider_id, "user_id": user.pk},
        external_id=external_id,
        user_name_key=fold(resource["userName"]),
        created_user=account.created_user,
        manages_profile=account.manages_profile,
        deactivated_user=closed,
    )


def _own(context: StoreContext) -> QuerySet[Tombstone]:
    rows = Tombstone.objects.using(context.using)
    return rows.filter(**{"provider_id": context.provider_id})
