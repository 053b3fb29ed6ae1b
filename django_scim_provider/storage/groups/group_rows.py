"""The rows of groups, as the statements that requests run all day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import CharField, IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_save, pre_save

from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import times
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.moments import as_held
from django_scim_provider.storage.by_scim_id import to_lock
from django_scim_provider.storage.connection_gate import hold_open, open_sql
from django_scim_provider.storage.groups.names import name_key
from django_scim_provider.storage.portable.locked_rows import own_row
from django_scim_provider.storage.roles.usage import are_in_use, in_use_sql
from django_scim_provider.storage.sql.documents import group_documents
from django_scim_provider.storage.sql.statements.compiled import Select
from django_scim_provider.storage.sql.statements.compiled_writes import Insert, Update
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext


class GroupRow(NamedTuple):
    """What a write needs of the group that it has locked."""

    key: UUID
    id: str
    text: str
    version: int
    has_roles: bool
    """Had the connection mappings or grants when the statement that locks began?"""

    @property
    def created_at(self) -> datetime:
        """Return when the group was made."""
        return times(self.text)[0]

    @property
    def last_modified(self) -> datetime:
        """Return when the group changed last."""
        return times(self.text)[1]


def _locking(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    connection = connections[using]
    is_open = RawSQL(open_sql(connection), (provider_id,), IntegerField())  # noqa: S611 - no input in its text
    has_roles = RawSQL(  # noqa: S611 - no input in its text
        f"CASE WHEN {in_use_sql(using)} THEN 1 ELSE 0 END", (provider_id,) * 2, IntegerField()
    )
    own = to_lock(ProvisionedGroup.objects.using(using).of(provider_id), id).order_by()
    # The connection is asked first, and so locked first.
    rows = own.values_list(is_open, "pk", "resource", "version", has_roles)
    # Compiled outside a transaction, where select_for_update() would refuse: rows() runs in one.
    if connection.features.has_select_for_update:
        rows.query.select_for_update = True
        rows.query.select_for_no_key_update = bool(connection.features.has_select_for_no_key_update)
    return rows


_lock = Select(_locking, (CharField(), CharField()), ("<provider>", "<id>"))
_STORED = (
    "version",
    "last_modified",
    "external_id",
    "display_name",
    "display_name_key",
    "resource",
)
_INSERTED = ("id", "scim_id", "provider", "created_at", *_STORED)
_update = Update(ProvisionedGroup, _STORED)
_insert = Insert(ProvisionedGroup, _INSERTED)


def lock_group(context: StoreContext, id: str) -> GroupRow | None:
    """Return the group, locked until the transaction ends; the connection is held open before it.

    Raises:
        Unauthorized: the connection was closed after the token had been verified.
    """
    if vendor_of(context.using).orm_only:
        return _by_orm(context, id)
    rows = _lock.rows(context.using, context.provider_id, id) if may_be_id(id) else []
    if not rows:
        hold_open(context)
        return None
    is_open, key, text, version, has_roles = rows[0]
    if not is_open:
        raise Unauthorized()
    return GroupRow(UUID(str(key)), id, text, version, bool(has_roles))


def _by_orm(context: StoreContext, id: str) -> GroupRow | None:
    hold_open(context)
    own = ProvisionedGroup.objects.using(context.using).of(context.provider_id)
    row = own_row(own, id, ("pk", "resource", "version")) if may_be_id(id) else None
    if row is None:
        return None
    key, text, version = row
    return GroupRow(key, id, text, version, are_in_use(context.using, context.provider_id))


def store_group(context: StoreContext, writes: Writes, row: Mapping[str, Any]) -> None:
    """Add a new group to what is written; all of its columns are given.

    Raises:
        Unauthorized: somebody listens, and the connection was closed.
    """
    if pre_save.has_listeners(ProvisionedGroup) or post_save.has_listeners(ProvisionedGroup):
        hold_open(context)
        values = {("provider_id" if name == "provider" else name): row[name] for name in _INSERTED}
        group = ProvisionedGroup(**values)
        group.save(using=writes.using, force_insert=True)
    else:
        writes.insert(_insert, [row])
    group_documents.add(writes, [row])


def update_group(writes: Writes, key: UUID, provider_id: str, values: Mapping[str, Any]) -> None:
    """Add all columns of a group that a change may touch to what is written, and its document."""
    writes.update(_update, key, values)
    group_documents.change(writes, key, provider_id, values)


def group_keys(resource: Resource) -> dict[str, Any]:
    """Return the columns of a group that follow from its resource."""
    return {
        "external_id": resource.get("externalId"),
        "display_name": resource["displayName"],
        "display_name_key": name_key(resource["displayName"]),
    }


def instance_of(context: StoreContext, row: GroupRow, resource: Resource) -> ProvisionedGroup:
    """Return the group as receivers of signals know it; ``resource`` is what its text holds."""
    return ProvisionedGroup(
        id=row.key,
        scim_id=row.id,
        provider_id=context.provider_id,
        resource=row.text,
        version=row.version,
        created_at=as_held(row.created_at),
        last_modified=as_held(row.last_modified),
        **group_keys(resource),
    )
