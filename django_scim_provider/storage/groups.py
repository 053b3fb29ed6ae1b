"""The groups of one connection and their members (RFC 7643 section 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.core.events import attribute_names, changed_names
from django_scim_provider.core.folding import fold
from django_scim_provider.core.membership import MemberChange, member_ids
from django_scim_provider.core.schema import Resource, ResourceType
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.stores import Change, Page, Query, StoreContext, Stored
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.groups import ProvisionedGroupQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import group_changed
from django_scim_provider.statements import Update
from django_scim_provider.storage.base import (
    after_commit,
    in_transaction,
    locked,
    settling_conflicts,
)
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.fence import refuse_closed
from django_scim_provider.storage.forms import content, forms, now_after, parse_id
from django_scim_provider.storage.group_columns import group_columns
from django_scim_provider.storage.member_sets import MemberSet
from django_scim_provider.storage.memberships import with_members
from django_scim_provider.storage.paging import page
from django_scim_provider.storage.roles import Roles

Result = TypeVar("Result")

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

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the group with that id, or None."""
        key = parse_id(id)
        row = self.groups.filter(pk=key).values_list("resource", "version").first() if key else None
        if row is None:
            return None
        text = row[0] if skip_members else self._with_members([row[0]])[0]
        return Stored(id, row[1], text)

    def query(self, query: Query) -> Page:
        """Return one page of the groups that match."""
        found = page(self.groups, self.context, query, group_columns(self.context.base_url))
        if query.skip_members or not found.texts:
            return found
        return replace(found, texts=self._with_members(found.texts))

    def create(self, resource: Resource) -> tuple[Stored, bool]:
        """Store a new group.

        Raises:
            Uniqueness: the ``externalId`` is taken.
            InvalidValue: a member is not a user or group of this connection.
        """
        return self._write(lambda: self._insert(resource), resource, None), True

    def _insert(self, resource: Resource) -> Stored:
        refuse_closed(self.using, self.context.provider_id)
        key, now = uuid7(), now_after()
        group = ProvisionedGroup(
            id=key,
            provider_id=self.context.provider_id,
            created_at=now,
            last_modified=now,
            **group_keys(resource),
            **forms(
                resource, self.resource_type, id=str(key), version=1, created=now, last_modified=now
            ),
        )
        group.save(using=self.using, force_insert=True)
        self._apply(key, MemberChange(added=dict.fromkeys(member_ids(resource))), renamed=True)
        self._note("create", key, attribute_names(resource), status=201)
        self._tell(group)
        return Stored(str(key), 1, self._with_members([group.resource])[0])

    def update(self, id: str, change: Change) -> Stored | None:
        """Load the group with its members, lock it, apply the change, and store what differs."""
        return self._change(id, change, None, load_members=True, show_members=True)

    def update_members(
        self, id: str, change: Change, members: MemberChange | None, *, show_members: bool
    ) -> Stored | None:
        """Change the members as a set, without loading them; see ``MemberStore``."""
        return self._change(id, change, members, load_members=False, show_members=show_members)

    def _change(
        self,
        id: str,
        change: Change,
        members: MemberChange | None,
        *,
        load_members: bool,
        show_members: bool,
    ) -> Stored | None:
        key = parse_id(id)
        if key is None:
            return None
        claimed: Resource = {}

        def work() -> Stored | None:
            refuse_closed(self.using, self.context.provider_id)
            group = locked(self.groups).filter(pk=key).first()
            if group is None:
                return None
            text = self._text(group, with_members=load_members)
            resource = change(Stored(str(key), group.version, text))
            wanted = members
            if wanted is None:
                wanted = MemberChange()
                wanted.replace(member_ids(resource))
            for name in ("id", "meta", "members"):
                resource.pop(name, None)
            claimed.update(resource)
            self._save(group, content(group.resource), resource, wanted)
            text = self._text(group, with_members=show_members)
            return Stored(str(key), group.version, text)

        return self._write(work, claimed, key)

    def _text(self, group: ProvisionedGroup, *, with_members: bool) -> str:
        return self._with_members([group.resource])[0] if with_members else group.resource

    def _save(
        self, group: ProvisionedGroup, before: Resource, resource: Resource, members: MemberChange
    ) -> None:
        """Store what differs, members included; both resources are without them."""
        differs = resource != before
        if differs:  # first, as mappings of roles may go by the name
            self._store(group, resource)
        moved = self._apply(group.pk, members, renamed=differs)
        if moved and not differs:
            self._store(group, resource)
        if moved or differs:
            changed = changed_names(before, resource) | ({"members"} if moved else set())
            self._note("update", group.pk, changed)
            self._tell(group)

    def _store(self, group: ProvisionedGroup, resource: Resource) -> None:
        version, now = group.version + 1, now_after(group.last_modified)
        values: dict[str, Any] = {
            "version": version,
            "last_modified": now,
            **group_keys(resource),
            **forms(
                resource,
                self.resource_type,
                id=str(group.pk),
                version=version,
                created=group.created_at,
                last_modified=now,
            ),
        }
        _update_group.run(self.using, group.pk, values)
        for name, value in values.items():
            setattr(group, name, value)

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Delete the group and its memberships; its members stay."""
        key = parse_id(id)
        return key is not None and self._write(lambda: self._delete(key, check), {}, key)

    def _delete(self, key: UUID, check: Callable[[Stored], None]) -> bool:
        refuse_closed(self.using, self.context.provider_id)
        group = locked(self.groups).filter(pk=key).first()
        if group is None:
            return False
        check(Stored(str(key), group.version, group.resource))
        roles = Roles(self.context)
        users = roles.lock(roles.users_below([key])) if roles.in_use() else set()
        deleted, _ = self.groups.filter(pk=key).delete()
        if users:
            roles.reconcile(users)
        self._note("delete", key, (), status=204)
        self._tell(group)
        return bool(deleted)

    def _apply(self, key: UUID, change: MemberChange, *, renamed: bool) -> int:
        """Change the members, and the roles that follow; return how many came or went."""
        roles = Roles(self.context)
        if not roles.in_use():
            return MemberSet(self.context, key).apply(change)
        users = roles.lock(roles.touched(key, change, whole=renamed))
        moved = MemberSet(self.context, key).apply(change)
        roles.reconcile(users | set(roles.users_below([key]) if renamed else ()))
        return moved

    def _with_members(self, texts: Iterable[str]) -> list[str]:
        return with_members(texts, self.context)

    def _write(self, work: Callable[[], Result], resource: Resource, own: UUID | None) -> Result:
        def refuse() -> None:
            external_id = resource.get("externalId")
            others = self.groups.exclude(pk=own) if own else self.groups
            if external_id is None:
                return
            same = others.filter(external_id=external_id).values_list("pk", flat=True)
            if (holder := same.first()) is not None:
                raise Uniqueness("externalId is already in use.", holder=str(holder)) from None

        return settling_conflicts(
            lambda: in_transaction(self.using, self.context.provider_id, work), refuse
        )

    def _note(self, action: str, key: UUID, changed: Iterable[str], *, status: int = 200) -> None:
        name = self.resource_type.name
        record_change(self.context, action, name, str(key), status=status, changed=changed)

    def _tell(self, group: ProvisionedGroup) -> None:
        if group_changed.receivers:
            send = partial(group_changed.send_robust, sender=ProvisionedGroup, group=group)
            after_commit(self.using, send)


def group_keys(resource: Resource) -> dict[str, Any]:
    """Return the columns of a group that follow from its resource."""
    return {
        "external_id": resource.get("externalId"),
        "display_name": resource["displayName"],
        "display_name_key": fold(resource["displayName"])[:255],
    }
