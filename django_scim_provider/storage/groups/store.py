"""The groups of one connection and their members (RFC 7643 section 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Value

from django_scim_provider.core.changes import attribute_names, changed_names
from django_scim_provider.core.patching.members import MemberChange, member_ids
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content, stored_texts
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.groups import ProvisionedGroupQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import as_held, utc
from django_scim_provider.signals import group_changed
from django_scim_provider.storage.by_scim_id import id_for, to_lock, with_id
from django_scim_provider.storage.connection_gate import hold_open
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.groups.filter_columns import GROUP_COLUMNS, group_columns
from django_scim_provider.storage.groups.members import MemberSet
from django_scim_provider.storage.groups.names import name_key, refuse_taken_name
from django_scim_provider.storage.groups.rendering import MembersOfGroups
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.sql.compiled import Update
from django_scim_provider.storage.sql.compiled_pages import HotPages
from django_scim_provider.storage.sql.large_pages import completed, with_values
from django_scim_provider.storage.sql.paging import page
from django_scim_provider.storage.store_context import StoreContext, connection_of
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import (
    after_commit,
    locked,
    settling_conflicts,
)
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.users.visibility import seen
from django_scim_provider.storage.write_methods import transactional

_hot_pages = HotPages(ProvisionedGroup, GROUP_COLUMNS, Value(True))
_update_group = Update(
    ProvisionedGroup,
    (
        "version",
        "last_modified",
        "external_id",
        "display_name",
        "display_name_key",
        "resource",
        "folded",
    ),
)


class GroupStore:
    """Implements ``ResourceStore`` for the groups of one connection."""

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = "members"
    patch_returns_resource: ClassVar[bool] = False

    def __init__(self, context: StoreContext, resource_type: ResourceType = GROUP) -> None:
        self.context = context
        self.using = context.using
        self.resource_type = resource_type

    @property
    def groups(self) -> ProvisionedGroupQuerySet:
        """Return the groups of this connection, the only ones that the store ever touches."""
        return ProvisionedGroup.objects.using(self.using).of(self.context.provider_id)

    @property
    def unique_index(self) -> UniqueIndex:
        """Return who has which values of extensions."""
        return UniqueIndex(
            context=self.context, resource_type=self.resource_type, resources=self.groups
        )

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the group with that id, or None."""
        rows = with_id(self.groups, id).order_by()
        row = next(iter(rows.values_list("resource", "version")), None)
        if row is None:
            return None
        return self._shown(Stored(id, row[1], row[0]), with_members=not skip_members)

    def query(self, query: Query) -> Page:
        """Return one page of the groups that match."""
        found = _hot_pages.page(self.context, query)
        if found is None:
            only = seen(self.using, self.context.organization_id, "account__")
            columns = group_columns(self.context.provider_id, self.context.base_url, only)
            found = page(self.groups, query, columns, partial(_hot_pages.count, self.context))
        members = None if query.skip_members else MembersOfGroups(self.context)
        return completed(found, lambda: self.groups, members)

    def _shown(self, stored: Stored, *, with_members: bool) -> Stored:
        return with_values(stored, MembersOfGroups(self.context)) if with_members else stored

    def create(self, resource: Resource, *, scim_id: str | None = None) -> tuple[Stored, bool]:
        """Store a new group.

        ``scim_id`` is for importers alone: the id by which an identity provider knows the group
        from another implementation. Where a user has the same, ``members`` means the user.

        Raises:
            InvalidValue: a member is not a user or group of this connection; or the ``scim_id`` is
                none that a resource may have; see ``core.validation.scim_ids``.
            Uniqueness: a group of this connection has the ``scim_id``, or the name, where the
                profile wants it unique.
        """
        return settling_conflicts(partial(self._insert, resource, scim_id)), True

    @transactional
    def _insert(self, resource: Resource, scim_id: str | None) -> Stored:
        refuse_taken_name(self.context, resource["displayName"])
        hold_open(self.context)
        key, now = uuid7(), now_after()
        id = id_for(key, scim_id, self.groups)
        group = ProvisionedGroup(
            id=key,
            scim_id=id,
            provider_id=self.context.provider_id,
            created_at=now,
            last_modified=now,
            **group_keys(resource),
            **stored_texts(
                resource, self.resource_type, id=id, version=1, created=now, last_modified=now
            ),
        )
        group.save(using=self.using, force_insert=True)
        self.unique_index.claim(key, resource)
        members = MemberChange()
        members.add(member_ids(resource))
        self._apply(key, members, renamed=True, is_new=True)
        names = attribute_names(resource)
        self._record_event("create", id, names, status=201)
        self._send_after_commit(group, names)
        return self._shown(Stored(id, 1, group.resource), with_members=True)

    def update(self, id: str, change: Change) -> Stored | None:
        """Load the group with its members, lock it, apply the change, and store what differs."""
        return settling_conflicts(partial(self._change, id, change))

    def update_members(
        self, id: str, change: Change, members: MemberChange | None, *, show_members: bool
    ) -> Stored | None:
        """Change the members as a set, without loading them; see ``MemberStore``."""
        work = partial(self._change_members, id, change, members, show_members=show_members)
        return settling_conflicts(work)

    @transactional
    def _change(self, id: str, change: Change) -> Stored | None:
        group = self._locked(id)
        if group is None:
            return None
        (text,) = MembersOfGroups(self.context).all([group.resource])
        current = Stored(id, group.version, text)
        resource = change(current)
        before, after = member_ids(current.resource()), member_ids(resource)
        wanted = MemberChange()  # whom it did not see stays
        wanted.remove(set(before).difference(after))
        wanted.add(set(after).difference(before))
        return self._saved(group, resource, wanted, show_members=True)

    @transactional
    def _change_members(
        self, id: str, change: Change, members: MemberChange | None, *, show_members: bool
    ) -> Stored | None:
        group = self._locked(id)
        if group is None:
            return None
        resource = change(Stored(id, group.version, group.resource))
        if members is None:
            members = MemberChange()
            members.replace(member_ids(resource))
        return self._saved(group, resource, members, show_members=show_members)

    def _locked(self, id: str) -> ProvisionedGroup | None:
        hold_open(self.context)
        return next(iter(locked(to_lock(self.groups, id))), None)

    def _saved(
        self,
        group: ProvisionedGroup,
        resource: Resource,
        members: MemberChange,
        *,
        show_members: bool,
    ) -> Stored:
        if resource["displayName"] != group.display_name:
            refuse_taken_name(self.context, resource["displayName"], own=group.pk)
        for name in ("id", "meta", "members"):
            resource.pop(name, None)
        self._save(group, content(group.resource), resource, members)
        stored = Stored(group.scim_id, group.version, group.resource)
        return self._shown(stored, with_members=show_members)

    def _save(
        self, group: ProvisionedGroup, before: Resource, resource: Resource, members: MemberChange
    ) -> None:
        """Store what differs, members included; both resources are without them."""
        differs = resource != before
        if differs:  # first, as mappings of roles may go by the name
            self._store(group, resource)
            self.unique_index.claim(group.pk, resource, before)
        moved = self._apply(group.pk, members, renamed=differs)
        if moved and not differs:
            self._store(group, resource)
        if moved or differs:
            changed = changed_names(before, resource) | ({"members"} if moved else set())
            self._record_event("update", group.scim_id, changed)
            self._send_after_commit(group, changed)

    def _store(self, group: ProvisionedGroup, resource: Resource) -> None:
        version, now = group.version + 1, now_after(group.last_modified)
        values: dict[str, Any] = {
            "version": version,
            "last_modified": as_held(now),
            **group_keys(resource),
            **stored_texts(
                resource,
                self.resource_type,
                id=group.scim_id,
                version=version,
                created=utc(group.created_at),
                last_modified=now,
            ),
        }
        _update_group.run(self.using, group.pk, values)
        for name, value in values.items():
            setattr(group, name, value)

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Delete the group and its memberships; its members stay."""
        return settling_conflicts(partial(self._delete, id, check))

    @transactional
    def _delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        group = self._locked(id)
        if group is None:
            return False
        key = group.pk
        check(Stored(id, group.version, group.resource))
        roles = Roles(self.context)
        users = roles.lock(roles.users_below([key])) if roles.in_use() else set()
        deleted, _ = self.groups.filter(pk=key).delete()
        self.unique_index.release(key)
        if users:
            roles.reconcile(users)
        self._record_event("delete", id, (), status=204)
        self._send_after_commit(group, ())
        return bool(deleted)

    def _apply(
        self, key: UUID, change: MemberChange, *, renamed: bool, is_new: bool = False
    ) -> int:
        """Change the members, and the roles that follow; return how many came or went."""
        roles, members = Roles(self.context), MemberSet(self.context, key, is_new=is_new)
        change = members.without_filters(change)
        if not roles.in_use():
            return members.apply(change)
        users = roles.lock(roles.touched(key, change, whole=renamed))
        moved = members.apply(change)
        roles.reconcile(users | set(roles.users_below([key]) if renamed else ()))
        return moved

    def _record_event(
        self, action: str, id: str, changed: Iterable[str], *, status: int = 200
    ) -> None:
        name = self.resource_type.name
        record_change(self.context, action, name, id, status=status, changed=changed)

    def _send_after_commit(self, group: ProvisionedGroup, changed: Iterable[str]) -> None:
        if group_changed.receivers:
            sent = {"connection": connection_of(self.context), "changed": frozenset(changed)}
            send = partial(group_changed.send_robust, sender=ProvisionedGroup, group=group, **sent)
            after_commit(self.using, send)


def group_keys(resource: Resource) -> dict[str, Any]:
    """Return the columns of a group that follow from its resource."""
    return {
        "external_id": resource.get("externalId"),
        "display_name": resource["displayName"],
        "display_name_key": name_key(resource["displayName"]),
    }
