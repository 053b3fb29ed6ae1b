"""The change of one account that is locked, and of the host's user behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.changes import changed_names
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import times
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import user_deactivated, user_updated
from django_scim_provider.storage.events import forget, record_change, record_new_address
from django_scim_provider.storage.history.effect_rows import KINDS, effect, insert_effects
from django_scim_provider.storage.history.value_rows import value_row
from django_scim_provider.storage.roles.reconcile import reconcile_changed, reconcile_user
from django_scim_provider.storage.roles.usage import in_use_question, looks_at_people_question
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.statements.by_orm import Part
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.users.account_rows import (
    AccountRow,
    account_keys,
    active_elsewhere,
    delete_emails,
    email_rows,
    insert_emails,
    stored_columns,
    update_account,
)
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.signals import send_after_commit
from django_scim_provider.storage.users.uniqueness import Claim
from django_scim_provider.storage.users.writing.new_names import NewNames


@dataclass(slots=True)
class AccountChange:
    """What an account becomes; ``write`` runs inside a transaction.

    The rows of the app are written together. They come first where they decide about the host's
    user: whether a log-in closes, or a new name is taken, is read with them, and so after the lock
    of the account.
    """

    context: StoreContext
    resource_type: ResourceType
    account: AccountRow
    before: Resource
    resource: Resource
    claim: Claim
    """Whose names and addresses are filled in."""
    writes: Writes = field(init=False)
    event: UUID = field(default_factory=uuid7)
    """The key of its event."""

    def __post_init__(self) -> None:
        self.writes = Writes(self.context.using)

    def write(self, unique_index: UniqueIndex) -> tuple[int, str]:
        """Write the account and the user; return the new version and text.

        Raises:
            Uniqueness: the new name, e-mail address or another unique value is taken.
            ProtectedResource: the user is staff, a superuser, or the last owner of the organization
                and is to be deactivated.
        """
        account, claim, id = self.account, self.claim, self.account.id
        claim.keys = account_keys(self.resource)
        claim.adapter = claim.adapter or get_adapter(self.context.for_project(self.resource))
        people = HostUsers(self.context, claim.adapter)
        user = people.locked(account.user_id, account.user)
        claim.own_user = user.pk
        becomes = bool(claim.keys["active"])
        changed = frozenset(changed_names(self.before, self.resource))
        action = "update"
        if account.active != becomes:
            action = "activate" if becomes else "deactivate"
        names = NewNames(self.context, people, user, account, claim, self.before, self.resource)
        waits = action == "update" and names.may_wait()
        fields = names.claim(others=False if waits else None)
        if not waits:
            names.refuse_taken()
        version, text = self._write_account(action, changed)
        looks = account.looks_at_people
        of_people = () if looks is not None else (self._looks_at_people(),)
        if waits and names.are_new:
            fields, answers = names.write_unless_taken(self.writes, *of_people)
            if answers:
                looks, of_people = bool(answers[0]), ()
        mapped = in_use_question(self.context.using, self.context.provider_id)
        moved = roles = False
        if action == "deactivate":
            people.refuse_last_owner(user)
            elsewhere = active_elsewhere(self.context.using, account.user_id, account.key)
            held, roles = self._run(elsewhere, mapped)
            closes = people.suspend(user, account.key, elsewhere=held)
            active = False if closes else None
            moved = people.write(account, user, self.resource, fields, active=active)
            if closes:
                people.revoke(user)
            else:
                kept = effect(self.event, account.key, KINDS.KEPT)
                self.writes.insert(insert_effects, [kept])
        elif action == "activate":
            people.activate(user)
            moved = people.write(account, user, self.resource, fields, active=True)
        else:
            moved = people.write(account, user, self.resource, fields, active=None)
        if moved and not names.told:
            record_new_address(self.context, id, writes=self.writes)
        elif names.told and not moved:
            forget(self.context, names.told)
        if action == "activate":
            (roles,) = self._run(mapped)
        elif action == "update" and of_people:
            (looks,) = self._run(*of_people)
        else:
            self._run()
        unique_index.claim(account.key, self.resource, self.before)
        if action != "update":
            told: dict[str, Any] = {"in_use": roles, "event": self.event}
            reconcile_user(self.context, account.user_id, claim.adapter, **told)
        elif looks:
            reconcile_changed(
                self.context, account.user_id, changed, claim.adapter, event=self.event
            )
        signal = user_deactivated if action == "deactivate" else user_updated
        send_after_commit(self.context, signal, account.key, changed=changed)
        return version, text

    def _looks_at_people(self) -> Part:
        return looks_at_people_question(self.context.using, self.context.provider_id)

    def _write_account(self, action: str, changed: frozenset[str]) -> tuple[int, str]:
        """Note what is written of the app's own; return the new version and text."""
        account, key = self.account, self.account.key
        version = account.version + 1
        created, modified = times(account.text)
        values = stored_columns(
            self.resource, self.resource_type, account.id, version, created, now_after(modified)
        )
        self.writes.update(update_account, key, self.claim.keys | values)
        account_documents.change(self.writes, key, self.context.provider_id, values)
        if self.resource.get("emails") != self.before.get("emails"):
            self.writes.delete(delete_emails, key)
            self.writes.insert(
                insert_emails, email_rows(self.context.provider_id, key, self.resource)
            )
        name = self.resource_type.name
        record_change(
            self.context,
            action,
            name,
            account.id,
            status=200,
            changed=changed,
            version=version,
            user_name=self.claim.keys["user_name"],
            writes=self.writes,
            key=self.event,
            values=value_row(self.event, key, changed, account.text, values["resource"]),
        )
        return version, values["resource"]

    def _run(self, *questions: Part) -> tuple[bool, ...]:
        return tuple(map(bool, self.writes.run(*questions)))
