"""New accounts: what each claims, and their rows, one or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.changes import attribute_names
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_change, record_new_address
from django_scim_provider.storage.roles.reconcile import reconcile_new
from django_scim_provider.storage.roles.usage import looks_at_people_question
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import (
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
    stored_columns,
)
from django_scim_provider.storage.users.host_fields import host_fields
from django_scim_provider.storage.users.host_users import HostUser
from django_scim_provider.storage.users.mapping.host_values import take_out_owned
from django_scim_provider.storage.users.uniqueness import Claim, names_of


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is about to be stored, and the user behind it."""

    key: UUID
    id: str
    created: datetime
    resource: Resource
    keys: dict[str, Any]
    """The columns that follow from the resource; see ``account_rows.account_keys``."""
    person: HostUser
    modified: datetime | None = None
    """None: it is as it was created."""
    event: UUID = field(default_factory=uuid7)
    """The key of its event."""


def claim_of_new(context: StoreContext, resource: Resource) -> Claim:
    """Return what a new resource claims; one that does not say is active.

    Raises:
        InvalidValue: a value does not fit.
    """
    resource.setdefault("active", True)
    take_out_owned(context, resource)
    adapter = get_adapter(context.for_project(resource))
    keys = account_keys(resource)
    fields = host_fields(adapter, resource, context.profile, new=True)
    names = names_of(resource, adapter)
    return Claim(keys, fields, names, adapter=adapter, written=fields)


def insert_accounts(
    context: StoreContext,
    resource_type: ResourceType,
    accounts: Sequence[NewAccount],
    writes: Writes,
    *,
    looks_at_people: bool | None = None,
) -> list[str]:
    """Store accounts with all rows of theirs and what else is to be written; return their texts.

    Their users get the roles of mappings that look at people; ``looks_at_people`` is whether there
    are any, where that is known.
    """
    rows: list[dict[str, Any]] = []
    emails: list[dict[str, Any]] = []
    for each in accounts:
        own = {
            "id": each.key,
            "scim_id": each.id,
            "provider": context.provider_id,
            "user": each.person.user.pk,
            "created_at": each.created,
            "created_user": each.person.created_user,
            "manages_profile": each.person.manages_profile,
        }
        modified = each.modified or each.created
        stored = stored_columns(each.resource, resource_type, each.id, 1, each.created, modified)
        rows.append(own | each.keys | stored)
        emails += email_rows(context.provider_id, each.key, each.resource)
    writes.insert(insert_account, rows)
    account_documents.add(writes, rows)
    writes.insert(insert_emails, emails)
    if looks_at_people is None:
        (told,) = writes.run(looks_at_people_question(context.using, context.provider_id))
        looks_at_people = bool(told)
    else:
        writes.run()
    if looks_at_people:
        reconcile_new(context, {each.person.user.pk: each.event for each in accounts})
    return [row["resource"] for row in rows]


def record_made(
    context: StoreContext,
    resource_type: ResourceType,
    account: NewAccount,
    *,
    writes: Writes | None = None,
) -> None:
    """Write that an account was made, with ``writes`` if given."""
    record_change(
        context,
        "create",
        resource_type.name,
        account.id,
        status=201,
        changed=attribute_names(account.resource),
        version=1,
        user_name=account.keys["user_name"],
        writes=writes,
        key=account.event,
    )
    if account.person.has_new_address:
        record_new_address(context, account.id, writes=writes)
