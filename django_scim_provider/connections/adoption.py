"""Adopting users that exist into a connection, so that an identity provider finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError
from django.db.models import QuerySet

from django_scim_provider.adapter import get_adapter
from django_scim_provider.connections.lifecycle import refuse_unusable
from django_scim_provider.core.errors import SCIMError, Uniqueness
from django_scim_provider.core.profiles import STRICT
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content, stored_texts
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.models.batches import in_batches
from django_scim_provider.models.keys import uuid7
from django_scim_provider.organizations import require_organization_backend
from django_scim_provider.storage.connection_gate import hold_open
from django_scim_provider.storage.events import record_change, record_management
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.roles.reconcile import reconcile_new
from django_scim_provider.storage.roles.usage import looks_at_people
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.store_context import StoreContext, context_of
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.storage.users.account_rows import (
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
)
from django_scim_provider.storage.users.linking import addresses_of, is_proven
from django_scim_provider.storage.users.mapping.host_values import (
    describe_by_map,
    take_out_owned,
)
from django_scim_provider.storage.users.reading import UserReader
from django_scim_provider.storage.users.uniqueness import (
    Claim,
    beside_protected,
    names_of,
    protected_names,
)

NAME_TAKEN = "the connection has the name for somebody else"
BESIDE_PROTECTED = "named like somebody who is protected, such as staff"
UNVERIFIED = "the address is not verified"
_DESCRIBED = STRICT.with_switches({"leave_out_unknown": True})
"""How the description by an adapter is read; it need not name the schemas of its extensions."""


@dataclass(slots=True)
class Adoption:
    """What an adoption did, or would do."""

    linked: int = 0
    already: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """How many users were left out, by the reason."""

    def add(self, other: Adoption) -> None:
        """Count what another one did as well."""
        self.linked += other.linked
        self.already += other.already
        for reason, number in other.refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + number


@inside(context_of)
def adopt_users(
    connection: ProviderConnection,
    users: QuerySet[Any],
    user_type: ResourceType,
    *,
    commit: bool,
    manages_profile: bool = False,
    trust_unverified: bool = False,
    named: Resource | None = None,
    actor: AbstractBaseUser | None = None,
    seen: Callable[[Adoption], None] | None = None,
) -> Adoption:
    """Give each of the users an account of the connection; without ``commit`` only tell.

    The account says what the project knows: user name, names, address, whether active, and what
    ``ATTRIBUTE_MAP`` shows of fields that clients write. The users themselves do not change. Left
    out are staff, superusers and the owner of the connection; users whom the connection has
    already, or whose name it has for somebody else; and users whose address is known to be
    unverified. Unless ``trust_unverified``, so are users who have a password and an address of
    which nobody knows, where no organization has them as a member.

    ``named`` is what an account says beside what the project knows, of one user; ``actor`` is who
    does it.

    Raises:
        ValidationError: the connection is disabled or decommissioned.
        Unauthorized: it was closed meanwhile; who was linked by then stays.
    """
    refuse_unusable(connection)
    context = context_of(connection)
    using = context.using
    done, adapter = Adoption(), get_adapter(context.for_project())
    protected = protected_names(adapter)
    organization_id = connection.organization_id or ""
    organizations = None
    if organization_id:
        organizations = require_organization_backend(using=using)
    for user in chain.from_iterable(in_batches(users.using(using))):
        if adapter.is_protected(user) or user.pk == connection.owner_id:
            reason: str | None = "protected, such as staff"
        elif organizations is not None and not organizations.get_membership(organization_id, user):
            reason = "no member of the organization"
        elif LinkedAccount.objects.using(using).of(context.provider_id).filter(user=user).exists():
            done.already += 1
            reason = ""
        elif not is_proven(
            user,
            addresses_of(user, user.get_username()),
            adapter,
            vouched=trust_unverified or organizations is not None,
        ):
            reason = UNVERIFIED
        else:
            described = {"active": adapter.is_active(user) is not False, **adapter.describe(user)}
            describe_by_map(context, adapter, user, described, user_type)
            described |= named or {}
            account = _account(user, context, user_type, described)
            if isinstance(account, dict):
                claim = Claim(names=names_of(described), own_user=user.pk)
                if beside_protected(claim, adapter, protected):
                    account = BESIDE_PROTECTED
            reason = account if isinstance(account, str) else None
            if isinstance(account, dict) and commit:
                account |= {"manages_profile": manages_profile}
                reason = _store(account, context, user_type, actor)
            done.linked += reason is None
        if reason:
            done.refused[reason] = done.refused.get(reason, 0) + 1
        if seen is not None:
            seen(done)
    return done


def _account(
    user: AbstractBaseUser, context: StoreContext, user_type: ResourceType, described: Resource
) -> dict[str, Any] | str:
    """Return the row of an account for the user, or why there can be none."""
    try:
        resource = clean(described, user_type, _DESCRIBED, context="create")
        take_out_owned(context, resource)
        keys = account_keys(resource)
    except SCIMError as error:
        return error.detail
    accounts = LinkedAccount.objects.using(context.using).of(context.provider_id)
    if accounts.filter(account_id=keys["account_id"]).exists():
        return NAME_TAKEN
    key, now = uuid7(), now_after()
    return {
        "id": key,
        "scim_id": str(key),
        "provider": context.provider_id,
        "user": user.pk,
        "version": 1,
        "created_at": now,
        "last_modified": now,
        "created_user": False,
        "released_at": None,
        **keys,
        **stored_texts(resource, user_type, id=str(key), version=1, created=now, last_modified=now),
    }


def _store(
    row: dict[str, Any],
    context: StoreContext,
    user_type: ResourceType,
    actor: AbstractBaseUser | None,
) -> str | None:
    """Store an account; return why not, or None."""

    def work() -> None:
        hold_open(context)
        insert_account.run(context.using, [row])
        account_documents.insert(context.using, [row])
        resource = content(row["resource"])
        insert_emails.run(context.using, email_rows(context.provider_id, row["id"], resource))
        UserReader(context, user_type).unique_index.claim(row["id"], resource)
        event = uuid7()
        if looks_at_people(context.using, context.provider_id):
            reconcile_new(context, {row["user"]: event})
        if actor is None:
            record_change(context, "adopt", user_type.name, row["scim_id"], status=201, key=event)
            return
        told = {"resource_type": user_type.name, "resource_id": row["scim_id"], "id": event}
        by = {"actor_id": actor.pk}
        record_management(context.using, context.provider_id, "adopt", **by, **told)

    try:
        in_transaction(context.using, context.provider_id, work)
    except IntegrityError:
        return NAME_TAKEN
    except Uniqueness as error:
        return error.detail
    return None
