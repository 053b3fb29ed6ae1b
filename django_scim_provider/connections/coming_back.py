"""Saying that somebody is the same person, so that the next attempt brings them back.

Whom a connection deleted or released comes back by the name, and where both sides carry an
``externalId``, on the same one. A directory that was rebuilt gives everybody another one. Nothing
opens by what is done here: the identity provider's next attempt does that, by the usual rules.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter import get_adapter
from django_scim_provider.connections.linking import is_entitled
from django_scim_provider.core.errors import USER
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stored_text import content, stored_texts
from django_scim_provider.insight.inbox import key_of_user
from django_scim_provider.models import Failure, LinkedAccount, ProviderConnection, Tombstone
from django_scim_provider.models.moments import utc
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import in_transaction, locked


def returning(failure: Failure, connection: ProviderConnection) -> LinkedAccount | Tombstone | None:
    """Return who could come back but for another ``externalId``; None where nobody could."""
    using = context_of(connection).using
    own: dict[str, Any] = {"provider_id": connection.provider_id, "external_id__isnull": False}
    if failure.action != "create":
        return None
    if failure.collides_type == "User":
        rows = LinkedAccount.objects.using(using).select_related("user")
        found = rows.filter(**own, scim_id=failure.collides_id).first()
        is_away = found is not None and (found.released_at is not None or not found.active)
        return found if is_away else None
    if failure.collides_type == USER:
        key = key_of_user(failure.collides_id)
        left = Tombstone.objects.using(using).select_related("user")
        return None if key is None else left.filter(**own, user=key).first()
    return None


def may_bring_back(
    person: Any, connection: ProviderConnection, found: LinkedAccount | Tombstone
) -> bool:
    """Tell whether a person may say that somebody is the same; never of who is protected."""
    adapter = get_adapter(context_of(connection).for_project())
    allowed = connection.is_usable and is_entitled(person, connection)
    return allowed and not adapter.is_protected(found.user)


def bring_back(
    person: AbstractBaseUser,
    connection: ProviderConnection,
    found: LinkedAccount | Tombstone,
    user_type: ResourceType,
) -> None:
    """Forget the ``externalId`` of before, with an event that names the person."""
    using = context_of(connection).using
    id = found.scim_id if isinstance(found, LinkedAccount) else ""

    def work() -> None:
        if isinstance(found, Tombstone):
            Tombstone.objects.using(using).filter(pk=found.pk).update(external_id=None)
        else:
            _forget(found, using, user_type)
        named = {"resource_type": "User", "resource_id": id, "changed": ["externalId"]}
        note = partial(record_management, using, connection.provider_id, "bring_back")
        note(actor_id=person.pk, **named)

    in_transaction(using, connection.provider_id, work)


def _forget(found: LinkedAccount, using: str, user_type: ResourceType) -> None:
    rows = LinkedAccount.objects.using(using).filter(pk=found.pk)
    account = locked(rows).get()
    resource = content(account.resource)
    resource.pop("externalId", None)
    account.last_modified = now_after(utc(account.last_modified))
    account.version += 1
    texts = stored_texts(
        resource,
        user_type,
        id=account.scim_id,
        version=account.version,
        created=utc(account.created_at),
        last_modified=utc(account.last_modified),
    )
    rows.update(
        external_id=None,
        version=account.version,
        last_modified=account.last_modified,
        resource=texts["resource"],
    )
    account_documents.mend(using, account, texts["folded"])
