"""The users of one connection: accounts, their e-mail index, and the host's users behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.dispatch import Signal

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import USER, Collision, Uniqueness
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import content
from django_scim_provider.core.stores import Change, Stored
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import (
    user_deprovisioned,
    user_provisioned,
)
from django_scim_provider.storage.by_scim_id import id_for
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.history.effect_rows import all_lose
from django_scim_provider.storage.history.value_rows import forget_with
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import settling_conflicts
from django_scim_provider.storage.users.account_rows import (
    AccountRow,
)
from django_scim_provider.storage.users.host_fields import (
    refuse_repeated,
)
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.mapping.host_values import take_out_owned
from django_scim_provider.storage.users.reading import UserReader
from django_scim_provider.storage.users.returning import lock_returning
from django_scim_provider.storage.users.screening.asking import screen_new
from django_scim_provider.storage.users.signals import send_after_commit
from django_scim_provider.storage.users.tombstones import create_tombstone
from django_scim_provider.storage.users.uniqueness import (
    TAKEN_BY_USER,
    Claim,
    beside_protected,
    found_users,
    in_the_way,
    refuse_taken,
)
from django_scim_provider.storage.users.writing.account_changes import AccountChange
from django_scim_provider.storage.users.writing.account_locks import lock_account
from django_scim_provider.storage.users.writing.new_accounts import (
    NewAccount,
    claim_of_new,
    insert_accounts,
    record_made,
)
from django_scim_provider.storage.users.writing.releasing import delete_and_release
from django_scim_provider.storage.users.writing.together import NewAccounts
from django_scim_provider.storage.write_methods import transactional


class UserStore(UserReader):
    """Implements ``ResourceStore`` for the users of one connection (RFC 7643 section 4.1)."""

    patch_returns_resource: ClassVar[bool] = True

    def create(self, resource: Resource, *, scim_id: str | None = None) -> tuple[Stored, bool]:
        """Store a new user, with the host's user behind it; or bring an inactive one back.

        ``scim_id`` is for importers alone: the id by which an identity provider knows the user from
        another implementation. Whoever comes back keeps the id of before.

        Raises:
            Uniqueness: the name, the e-mail address or the ``scim_id`` is taken.
            InvalidValue: the ``scim_id`` is none that a resource may have; see
                ``core.validation.scim_ids``.
        """
        claim = claim_of_new(self.context, resource)
        insert = partial(self._insert, resource, claim, scim_id)
        try:
            return settling_conflicts(insert, partial(self._bring_back_or_refuse, resource, claim))
        except Uniqueness as error:
            error.holder = error.holder or claim.holder_in_sight(self.context)
            raise

    def create_together(
        self, resources: Sequence[Resource | None]
    ) -> Iterator[Sequence[Stored] | None]:
        """Make those in whose way nothing is; see ``SharingStore``."""
        # What a subclass does for each is done for each.
        if type(self).create is not UserStore.create:
            yield from [None] * len(resources)
            return
        new = NewAccounts(self.context, self.resource_type, self.unique_index)
        yield from new.create(resources)

    @transactional
    def _insert(self, resource: Resource, claim: Claim, scim_id: str | None) -> tuple[Stored, bool]:
        people = HostUsers(self.context, claim.adapter)
        screened = screen_new(self.context, people.adapter, claim)
        if screened.is_protected and beside_protected(claim, people.adapter):
            refuse_taken(claim, self.accounts)
        taken: list[Any] = []
        if screened.is_held:
            taken = in_the_way(people.adapter, claim.fields, resource=resource)
        person = people.returning(resource, claim.keys, taken) if screened.is_remembered else None
        if person is None and taken:
            if (brought_back := self._bring_back(resource, claim)) is not None:
                return brought_back
            # Nobody is linked by an address that others have as well, whoever made them.
            found = found_users(people.adapter, claim.fields, resource=resource)
            person = people.linked(found, resource)
            if person is None:
                refuse_taken(claim, self.accounts)
                raise Uniqueness(TAKEN_BY_USER, collision=Collision(USER, str(taken[0].pk)))
        made = person is None
        person = person or people.made(resource, claim.fields)
        key, now = uuid7(), now_after()
        id = str(key)
        if scim_id is not None:
            # Among members of groups nobody could tell it from a group of the same id.
            groups = ProvisionedGroup.objects.using(self.using).of(self.context.provider_id)
            id = id_for(key, scim_id, self.accounts, groups)
        new = NewAccount(key, id, now, resource, claim.keys, person)
        writes = Writes(self.using)
        record_made(self.context, self.resource_type, new, writes=writes)
        looks = screened.looks_at_people
        (text,) = insert_accounts(
            self.context, self.resource_type, [new], writes, looks_at_people=looks
        )
        self.unique_index.claim(key, resource)
        send_after_commit(self.context, user_provisioned, key)
        if (host := self.host_values) is not None:
            text = host.shown_of(text, person.user, made=made)
        return Stored(id, 1, text), True

    def _bring_back_or_refuse(self, resource: Resource, claim: Claim) -> tuple[Stored, bool] | None:
        """Bring back who is in the way of a new account, or raise what is taken."""
        brought_back = self._bring_back_alone(resource, claim)
        if brought_back is None:
            self._refuse_taken(claim)
        return brought_back

    @transactional
    def _bring_back_alone(self, resource: Resource, claim: Claim) -> tuple[Stored, bool] | None:
        return self._bring_back(resource, claim)

    def _bring_back(self, resource: Resource, claim: Claim) -> tuple[Stored, bool] | None:
        """Give an account that is out of use its new content; None where none comes back."""
        account = lock_returning(self.context, self.accounts, claim.keys)
        if account is None:
            return None
        claim = replace(claim, own=account.key)  # the other try, if any, makes somebody new
        version, text = self._store(account, content(account.text), resource, claim)
        return self.shown(account.id, version, text, False), False

    def update(self, id: str, change: Change) -> Stored | None:
        """Lock the user, apply the change, and store what differs.

        Raises:
            Uniqueness: the new name or e-mail address is taken.
            ProtectedResource: the host's user is staff, a superuser, or the last owner of the
                organization.
        """
        claim = Claim()
        update = partial(self._update, id, change, claim)
        return settling_conflicts(update, partial(self._refuse_taken, claim))

    @transactional
    def _update(self, id: str, change: Change, claim: Claim) -> Stored | None:
        account = lock_account(self.context, id)
        if account is None:
            return None
        claim.own = account.key
        host, shown = self.host_values, account.text
        if host is not None:
            shown = host.shown_of(shown, account.user)
        before = content(shown)
        resource = change(Stored(id, account.version, shown))
        for name in ("id", "meta", "groups"):
            resource.pop(name, None)
        take_out_owned(self.context, before, resource)
        version, text = account.version, account.text
        if resource != before or account.released:
            version, text = self._store(account, before, resource, claim)
        if host is not None:
            text = host.shown_of(text, account.user)
        return self.with_groups(id, version, text, account.told)

    def _store(
        self, account: AccountRow, before: Resource, resource: Resource, claim: Claim
    ) -> tuple[int, str]:
        """Write the account and the host's user; return the new version and text."""
        change = AccountChange(self.context, self.resource_type, account, before, resource, claim)
        return change.write(self.unique_index)

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Unlink the user from the connection, release the host's user; raises as ``update``."""
        return settling_conflicts(partial(self._delete, id, check))

    @transactional
    def _delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        account = lock_account(self.context, id, tells=False)
        if account is None:
            return False
        key = account.key
        check(Stored(id, account.version, account.text))
        people = HostUsers(self.context)
        user = people.locked(account.user_id, account.user)
        self._send_after_commit(user_deprovisioned, key)
        writes = Writes(self.using)
        version, name = account.version + 1, ""
        if self.context.webhooks and get_settings().WEBHOOK_USER_NAMES:
            name = content(account.text)["userName"]
        event = uuid7()
        told: dict[str, Any] = {"version": version, "user_name": name, "writes": writes}
        self._record_event("delete", id, (), status=204, key=event, **told)
        writes.add(all_lose(self.using, key, event))
        forget_with(writes, key)
        self.unique_index.release(key)
        closed = delete_and_release(people, user, account, writes)
        if closed is not None:
            create_tombstone(self.context, user, account, content(account.text), closed=closed)
        return True

    def _refuse_taken(self, claim: Claim) -> None:
        """Tell a broken unique constraint as 409, with what is taken."""
        refuse_taken(claim, self.accounts, among_accounts=True)
        if claim.adapter is not None:
            refuse_repeated(claim.adapter, claim.written, own=claim.own_user)

    def _record_event(
        self,
        action: str,
        id: str,
        changed: Iterable[str],
        **told: Any,
    ) -> None:
        record_change(self.context, action, self.resource_type.name, id, changed=changed, **told)

    def _send_after_commit(self, signal: Signal, key: UUID, **more: Any) -> None:
        send_after_commit(self.context, signal, key, **more)
