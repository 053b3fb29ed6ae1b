"""Roles by mappings: what people have in the project because of the directory, kept in line.

What a user has already is the project's, and never taken away; what a mapping gave is noted as a
grant, and goes when nothing stands for it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter, get_adapter
from django_scim_provider.adapter.user_fields import mapping_of
from django_scim_provider.core.patching.members import MemberChange
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import (
    LinkedAccount,
    ProvisionedGroup,
    RoleGrant,
    RoleMapping,
)
from django_scim_provider.signals import role_granted, role_revoked
from django_scim_provider.storage.by_scim_id import keys_of
from django_scim_provider.storage.locks import lock_users
from django_scim_provider.storage.roles.candidates import users_in_groups
from django_scim_provider.storage.roles.replaced_roles import ReplacedRoles
from django_scim_provider.storage.roles.role_changes import Narrowing, RoleChanges, by_target
from django_scim_provider.storage.roles.role_record import RoleRecord
from django_scim_provider.storage.roles.role_sources import RoleSource, due_of, sources_of
from django_scim_provider.storage.roles.signals import send_after_commit
from django_scim_provider.storage.roles.targets import RoleTarget, role_functions, target_of
from django_scim_provider.storage.roles.usage import are_in_use, of_organization
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.sql.recursion import below
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked

BATCH = 500


class Roles:
    """The mappings and grants of one connection; every method runs inside a transaction.

    With ``narrowed`` it sees nothing but the mappings to some roles, and their grants.
    """

    def __init__(
        self,
        context: StoreContext,
        *,
        dry_run: bool = False,
        adapter: DefaultAdapter | None = None,
        narrowed: Narrowing | None = None,
        event: UUID | None = None,
    ) -> None:
        self.context = context
        self.event = event  # that tells of what is done; None: its own, if anything is
        self._record = RoleRecord(context)
        self.using = context.using
        self.own: dict[str, Any] = {"provider_id": context.provider_id}
        self.dry_run = dry_run
        self.narrowed = narrowed
        self._given_adapter = adapter
        self.changes = RoleChanges()

    @cached_property
    def adapter(self) -> DefaultAdapter:
        """Return who is asked about users and about the roles of the project."""
        return self._given_adapter or get_adapter(self.context.for_project())

    def in_use(self) -> bool:
        """Tell whether a change of a group can change a role."""
        return are_in_use(self.using, self.context.provider_id)

    def _grants(self) -> QuerySet[RoleGrant]:
        rows = RoleGrant.objects.using(self.using).filter(**self.own)
        return rows if self.narrowed is None else rows.filter(target_key__in=self.narrowed.keys)

    def concerned_by(self, changed: frozenset[str]) -> bool:
        """Tell whether a mapping looks at one of the changed attributes of a person."""
        rows = RoleMapping.objects.using(self.using).filter(
            match_by=RoleMapping.MatchBy.ATTRIBUTE, **self.own
        )
        return any(source.concerns(changed) for source in self._sources(list(rows)))

    def tell_by(self, events: Mapping[Any, UUID]) -> None:
        """Have what is done to users told by an event of each one's own."""
        self._record.events = events

    def everybody(self) -> list[Any]:
        """Return the keys of all users who have an account or a grant, in order."""
        accounts = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
        users = set(accounts.values_list("user_id", flat=True))
        return sorted(users | set(self._grants().values_list("user_id", flat=True)), key=str)

    def touched(self, group: UUID, change: MemberChange, *, whole: bool) -> set[Any]:
        """Return the keys of users that a change may concern; ``whole`` is the whole group."""
        ids = [id for id in (*change.added, *change.removed) if may_be_id(id)]
        users: dict[str, Any] = {}
        if ids:
            rows = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
            found = rows.filter(among_texts(self.using, "scim_id", ids))
            users.update(found.values_list("scim_id", "user_id"))
        own = ProvisionedGroup.objects.using(self.using).of(self.context.provider_id)
        groups = set(keys_of(own, [id for id in ids if id not in users]).values())
        if whole or change.cleared:
            groups.add(group)
        return {*users.values(), *self.users_below(groups)}

    def lock(self, users: Iterable[Any]) -> set[Any]:
        """Lock users before a change of their groups, and return their keys.

        Whoever changes another group of theirs waits here, and then sees this change.
        """
        return lock_users(self.using, users)

    def users_below(self, groups: Iterable[UUID]) -> list[Any]:
        """Return the keys of the users in groups, at any depth."""
        return users_in_groups(self.using, self.below(groups))

    def below(self, groups: Iterable[UUID]) -> set[UUID]:
        """Return groups and those that they hold, at any depth."""
        return below(self.using, set(groups))

    def reconcile(self, users: Collection[Any]) -> RoleChanges:
        """Give these users what stands for them now, and take back what nothing stands for."""
        keys = sorted(set(users), key=str)
        mapped = self._mapped()
        for start in range(0, len(keys), BATCH):
            self._reconcile(keys[start : start + BATCH], mapped)
            self._record.write(self.event)
        return self.changes

    def _mapped(self) -> list[RoleSource]:
        """Return what each mapping gives, and what stands for it."""
        stored = RoleMapping.objects.using(self.using).filter(**self.own)
        mappings = list(stored) if self.narrowed is None else self.narrowed.of(stored)
        return self._sources(mappings)

    def _sources(self, mappings: list[RoleMapping]) -> list[RoleSource]:
        return sources_of(self.context, mappings, mapping_of(self.adapter))

    def _reconcile(self, keys: list[Any], mapped: list[RoleSource]) -> None:
        rows = get_user_model()._default_manager.using(self.using).filter(pk__in=keys)
        users = {
            user.pk: user
            for user in locked(rows.order_by("pk"))
            if not self.adapter.is_protected(user)
        }
        due = self._due(list(users), mapped)
        held = {
            (grant.user_id, target_of(grant))
            for grant in locked(self._grants().filter(user__in=list(users)).order_by("pk"))
        }
        gained, lost = due.keys() - held, held - due.keys()
        defaults = {source.target for source in mapped if source.everyone}
        replaced = ReplacedRoles(self.context, users, due, lost, gained)
        for target, due_keys in by_target(gained, first=defaults):
            self._grant([users[key] for key in due_keys], target, due)
        for target, held_keys in by_target(lost):
            self._revoke([users[key] for key in held_keys], target)
        for user, target in () if self.dry_run else replaced.to_give_again(defaults):
            self._write([user], target, granted=True)

    def _due(self, keys: list[Any], mapped: list[RoleSource]) -> dict[tuple[Any, RoleTarget], UUID]:
        """Return what is due, with a group that stands for it or a mapping that names none."""
        accounts = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
        due = due_of(accounts.filter(user__in=keys), mapped, writes=not self.dry_run)
        self._record.accounts |= due.accounts
        return due.roles

    def _grant(
        self, users: list[Any], target: RoleTarget, due_by: Mapping[tuple[Any, RoleTarget], UUID]
    ) -> None:
        """Give users a role; those who have it by hand keep it by hand."""
        shared, held = self._shared(users, target), self._holders(users, target)
        due = [user for user in users if user.pk in shared or user.pk not in held]
        if not self.dry_run:
            missing = [user for user in due if user.pk not in shared and user.pk not in held]
            given = self._write(missing, target, granted=True)
            due = [user for user in due if user.pk in shared or user.pk in given]
            rows = [RoleGrant(user_id=user.pk, **self.own, **target._asdict()) for user in due]
            RoleGrant.objects.using(self.using).bulk_create(rows)
            self.changes.note_gained(user.pk for user in due if user.pk not in shared)
            self._record.granted(due, target, due_by)
            send_after_commit(self.context, role_granted, due, target)
        self.changes.granted += len(due)

    def _revoke(self, users: list[Any], target: RoleTarget) -> None:
        """Take a role back, unless another connection's groups stand for it as well."""
        self.changes.revoked += len(users)
        if self.dry_run:
            return
        keys = [user.pk for user in users]
        self._grants().filter(user__in=keys, target_key=target.key).delete()
        shared = self._shared(users, target)
        losing = [user for user in users if user.pk not in shared]
        self._write(losing, target, granted=False)
        self.changes.note_lost(user.pk for user in losing)
        self._record.revoked(users, target)
        send_after_commit(self.context, role_revoked, users, target)

    def _shared(self, users: list[Any], target: RoleTarget) -> set[Any]:
        """Return who has the same by another connection; a role belongs to one organization."""
        rows = RoleGrant.objects.using(self.using).exclude(**self.own)
        if target.organization_role is not None:
            rows = rows.filter(of_organization(self.using, self.context.organization_id))
        rows = rows.filter(user__in=[user.pk for user in users], target_key=target.key)
        return set(rows.values_list("user_id", flat=True))

    def _holders(self, users: list[Any], target: RoleTarget) -> set[Any]:
        """Return who is in the Django group."""
        model = get_user_model()
        if target.django_group_id is None or not hasattr(model, "groups"):
            return set()
        groups: Any = model._meta.get_field("groups")
        user, group = groups.m2m_field_name(), groups.m2m_reverse_field_name()
        # Asked without the users themselves: where the statistics of the tables are those of empty
        # ones, as in a first import, PostgreSQL reads the whole group again for each user.
        rows = groups.remote_field.through._base_manager.using(self.using)
        keys = [each.pk for each in users]
        found = rows.filter(**{f"{user}__in": keys, group: target.django_group_id})
        return set(found.values_list(user, flat=True))

    def _write(self, users: list[Any], target: RoleTarget, *, granted: bool) -> set[Any]:
        """Change what the project reads; return whom there was something to change for."""
        if target.django_group_id is not None:
            return self._write_group(users, target.django_group_id, granted=granted)
        grant, revoke = role_functions(self.context, target, self.adapter)
        if granted:
            return {user.pk for user in users if grant(user)}
        for user in users:
            revoke(user)
        return {user.pk for user in users}

    def _write_group(self, users: list[Any], key: Any, *, granted: bool) -> set[Any]:
        """Change the members of a Django group, with the signals that such a change has."""
        model = get_user_model()
        if not users or not hasattr(model, "groups"):  # a user model without permissions
            return set()
        relation: Any = model._meta.get_field("groups")
        group = Group.objects.using(self.using).get(pk=key)
        members = getattr(group, relation.remote_field.get_accessor_name())
        (members.add if granted else members.remove)(*users)
        return {user.pk for user in users}

    def restore(self, users: list[Any], target: RoleTarget) -> None:
        """Give users again what a grant stands for and somebody took."""
        given = self._write(users, target, granted=True)
        send_after_commit(self.context, role_granted, [u for u in users if u.pk in given], target)


def reconcile_user(
    context: StoreContext,
    user_id: Any,
    adapter: DefaultAdapter | None = None,
    *,
    in_use: bool | None = None,
    event: UUID | None = None,
) -> None:
    """Bring the roles of one user in line, after its account began or ceased to count.

    ``in_use`` is the answer to ``in_use_question``, where it is known.
    """
    roles = Roles(context, adapter=adapter, event=event)
    if roles.in_use() if in_use is None else in_use:
        key = get_user_model()._meta.pk.to_python(user_id)
        roles.reconcile([key])


def reconcile_new(
    context: StoreContext, events: Mapping[Any, UUID], adapter: DefaultAdapter | None = None
) -> None:
    """Give the users of new accounts what stands for them; with each comes the key of its event."""
    roles = Roles(context, adapter=adapter)
    roles.tell_by(events)
    roles.reconcile(list(events))


def reconcile_changed(
    context: StoreContext,
    user_id: Any,
    changed: frozenset[str],
    adapter: DefaultAdapter | None = None,
    *,
    event: UUID | None = None,
) -> None:
    """Bring the roles of a user in line whose attributes changed, if a mapping looks at those."""
    roles = Roles(context, adapter=adapter, event=event)
    if roles.concerned_by(changed):
        roles.reconcile([get_user_model()._meta.pk.to_python(user_id)])
