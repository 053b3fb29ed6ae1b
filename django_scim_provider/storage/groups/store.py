"""The groups of one connection and their members (RFC 7643 section 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django_scim_provider.core.changes import attribute_names, changed_names
from django_scim_provider.core.patching.members import MemberChange, member_ids
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content, stored_texts, times
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.groups import ProvisionedGroupQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import as_held
from django_scim_provider.signals import group_changed
from django_scim_provider.storage.by_scim_id import id_for, with_id
from django_scim_provider.storage.connection_gate import write_if_open
from django_scim_provider.storage.deletions.own_rows import GROUP as GROUP_ROWS
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.groups.found_pages import found_groups
from django_scim_provider.storage.groups.group_rows import (
    GroupRow,
    group_keys,
    instance_of,
    lock_group,
    store_group,
    update_group,
)
from django_scim_provider.storage.groups.members import MemberSet
from django_scim_provider.storage.groups.members_with_roles import (
    move_with_roles,
    reconcile_members,
)
from django_scim_provider.storage.groups.names import refuse_taken_name
from django_scim_provider.storage.groups.rendering import MembersOfGroups
from django_scim_provider.storage.history.effect_rows import add_effects, all_leave, write_effects
from django_scim_provider.storage.history.value_rows import forget_with, value_row
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.roles.usage import in_use_question
from django_scim_provider.storage.sql.large_pages import completed, with_values
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import StoreContext, connection_of
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import after_commit, settling_conflicts
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.write_methods import transactional


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
            context=self.context,
            resource_type=self.resource_type,
            resources=lambda: self.groups,
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
        found = found_groups(self.context, self.groups, query)
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
        key, now = uuid7(), now_after()
        id = id_for(key, scim_id, self.groups)
        texts = stored_texts(
            resource, self.resource_type, id=id, version=1, created=now, last_modified=now
        )
        row = {
            "id": key,
            "scim_id": id,
            "provider": self.context.provider_id,
            "created_at": as_held(now),
            "version": 1,
            "last_modified": as_held(now),
            **group_keys(resource),
            **texts,
        }
        writes, event = Writes(self.using), uuid7()
        store_group(self.context, writes, row)
        names = attribute_names(resource)
        self._record_event("create", id, names, event, status=201, version=1, writes=writes)
        write_if_open(self.context, writes)
        self.unique_index.claim(key, resource)
        members = MemberChange()
        members.add(member_ids(resource))
        held = MemberSet(self.context, key, event=event, is_new=True)
        if (moved := held.move(members)) is None:
            moved = move_with_roles(held, members, renamed=True)
        write_effects(self.using, held.effects)
        group = GroupRow(key, id, row["resource"], 1, has_roles=False)
        self._send_after_commit(group, resource, names)
        return self._shown(Stored(id, 1, group.text), with_members=bool(moved))

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
        if (group := lock_group(self.context, id)) is None:
            return None
        (text,) = MembersOfGroups(self.context).all([group.text])
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
        if (group := lock_group(self.context, id)) is None:
            return None
        resource = change(Stored(id, group.version, group.text))
        if members is None:
            members = MemberChange()
            members.replace(member_ids(resource))
        return self._saved(group, resource, members, show_members=show_members)

    def _saved(
        self, group: GroupRow, resource: Resource, members: MemberChange, *, show_members: bool
    ) -> Stored:
        before = content(group.text)
        if resource["displayName"] != before["displayName"]:
            refuse_taken_name(self.context, resource["displayName"], own=group.key)
        for name in ("id", "meta", "members"):
            resource.pop(name, None)
        group = self._save(group, before, resource, members)
        stored = Stored(group.id, group.version, group.text)
        return self._shown(stored, with_members=show_members)

    def _save(
        self, row: GroupRow, before: Resource, resource: Resource, members: MemberChange
    ) -> GroupRow:
        """Store what differs, members included; both resources are without them."""
        group, differs, writes = row, resource != before, Writes(self.using)
        event = uuid7()
        held = MemberSet(self.context, row.key, event=event)
        members = held.without_filters(members)
        moved = None if row.has_roles else held.move(members)
        without_roles = moved is not None
        if moved is None:
            if differs:  # first, as mappings of roles may go by the name
                group = self._store(writes, row, before, resource)
                writes.run()
            known = {"renamed": differs, "had_roles": row.has_roles}
            moved = move_with_roles(held, members, **known)
        if not moved and not differs:
            return row
        if group is row:
            group = self._store(writes, row, before, resource)
        add_effects(writes, held.effects)
        changed = changed_names(before, resource) | ({"members"} if moved else set())
        kept = value_row(event, row.key, changed, row.text, group.text)
        told = {"version": group.version, "writes": writes, "values": kept}
        self._record_event("update", row.id, changed, event, **told)
        if without_roles and differs:
            (has_roles,) = writes.run(in_use_question(self.using, self.context.provider_id))
            if has_roles:  # by now; so the new name may mean some
                reconcile_members(self.context, row.key, event)
        else:
            writes.run()
        self._send_after_commit(group, resource, changed)
        return group

    def _store(
        self, writes: Writes, group: GroupRow, before: Resource, resource: Resource
    ) -> GroupRow:
        version, (created, modified) = group.version + 1, times(group.text)
        now = now_after(modified)
        values: dict[str, Any] = {
            "version": version,
            "last_modified": as_held(now),
            **group_keys(resource),
            **stored_texts(
                resource,
                self.resource_type,
                id=group.id,
                version=version,
                created=created,
                last_modified=now,
            ),
        }
        self.unique_index.claim(group.key, resource, before)
        update_group(writes, group.key, self.context.provider_id, values)
        return group._replace(version=version, text=values["resource"])

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Delete the group and its memberships; its members stay."""
        return settling_conflicts(partial(self._delete, id, check))

    @transactional
    def _delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        if (group := lock_group(self.context, id)) is None:
            return False
        key = group.key
        check(Stored(id, group.version, group.text))
        event = uuid7()
        roles = Roles(self.context, event=event)
        users = roles.lock(roles.users_below([key])) if roles.in_use() else set()
        writes = Writes(self.using)
        told = {"status": 204, "version": group.version + 1, "writes": writes}
        self._record_event("delete", id, (), event, **told)
        writes.add(all_leave(self.using, key, event))
        forget_with(writes, key)
        GROUP_ROWS.delete(writes, key)
        writes.run()
        self.unique_index.release(key)
        if users:
            roles.reconcile(users)
        self._send_after_commit(group, content(group.text), ())
        return True

    def _record_event(
        self, action: str, id: str, changed: Iterable[str], key: UUID, **told: Any
    ) -> None:
        named = action, self.resource_type.name, id
        record_change(self.context, *named, changed=changed, key=key, **{"status": 200, **told})

    def _send_after_commit(self, row: GroupRow, resource: Resource, changed: Iterable[str]) -> None:
        if group_changed.receivers:
            group = instance_of(self.context, row, resource)
            sent = {"connection": connection_of(self.context), "changed": frozenset(changed)}
            send = partial(group_changed.send_robust, sender=ProvisionedGroup, group=group, **sent)
            after_commit(self.using, send)
