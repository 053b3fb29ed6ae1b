"""The names of groups, which are unique where the profile of the connection says so."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from django_scim_provider.core.errors import Collision, Uniqueness
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.core.validation.lengths import GROWTH, refuse_long_key
from django_scim_provider.models import ProviderConnection, ProvisionedGroup
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import be_alone


def name_key(name: str) -> str:
    """Return a name as its column of folded names holds it.

    Raises:
        InvalidValue: it is too long for that.
    """
    key = fold(name)
    refuse_long_key(name, key, GROWTH * MAX_NAME_LENGTH, "displayName")
    return key


def refuse_taken_name(context: StoreContext, name: str, *, own: UUID | None = None) -> None:
    """Refuse the name of another group, under a profile with ``unique_group_names``.

    The transaction has the connection for itself from here to its end (see ``be_alone``), so no
    other write can give the name to a group in between. At REPEATABLE READ what is read may be
    older than the wait for that; so the row of the connection is written: whoever waited for it is
    refused, and runs again. A unique constraint would do without the lock, but bind the connections
    of all profiles.

    Raises:
        Uniqueness: another group has the name, but for the case and width of its letters.
    """
    if not context.profile.unique_group_names:
        return
    be_alone(context.using, context.provider_id)
    connections = ProviderConnection.objects.using(context.using)
    connections.filter(provider_id=context.provider_id).update(enabled=F("enabled"))
    groups = ProvisionedGroup.objects.using(context.using).of(context.provider_id)
    same = groups.filter(display_name_key=name_key(name))
    others = same if own is None else same.exclude(pk=own)
    holder = others.order_by("pk").values_list("scim_id", flat=True).first()
    if holder is not None:
        raise Uniqueness(
            "displayName is already in use by another group.",
            attribute="displayName",
            holder=holder,
            collision=Collision("Group", str(holder)),
        )
