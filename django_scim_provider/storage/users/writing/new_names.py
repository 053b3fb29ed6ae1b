"""The names and addresses that a changed account wants, and who is in their way.

Mostly nobody is, and no other connection has an account of the user. So where the database writes
inside of WITH, both are asked by the statement that writes the account, and the user is written
behind it: what turns out to be taken undoes all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_new_address
from django_scim_provider.storage.sql.statements.by_orm import Part
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import AccountRow
from django_scim_provider.storage.users.host_fields import claimed, new_names
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.screening.asking import (
    ask_changed,
    is_default,
    screen_changed,
)
from django_scim_provider.storage.users.uniqueness import Claim, names_of, refuse_taken
from django_scim_provider.storage.users.writing.account_deletions import others_question


@dataclass(slots=True)
class NewNames:
    """Fills in what a claim wants, and refuses what somebody else has."""

    context: StoreContext
    people: HostUsers
    user: AbstractBaseUser
    account: AccountRow
    wanted: Claim
    before: Resource
    resource: Resource
    told: UUID | None = None
    """The event of a new address that was written before the user is."""

    def may_wait(self) -> bool:
        """Tell whether who is in the way may be asked by the statement that writes the account.

        The project's own answers are asked before it, as they may look at the account.
        """
        return (
            self.account.created_user
            and vendor_of(self.context.using).writes_in_with
            and is_default(self.people.adapter, "find_users")
            and is_default(self.people.adapter, "protected_users")
        )

    @property
    def are_new(self) -> bool:
        """Tell whether there are any."""
        return bool(self.wanted.fields or self.wanted.names)

    def claim(self, *, others: bool | None = None) -> dict[str, Any]:
        """Fill in what is wanted, and return the fields of the user that are written.

        ``others`` is whether another connection has an account of the user, where that is known or
        to be presumed.
        """
        wanted, adapter = self.wanted, self.people.adapter
        fields = wanted.written = self.people.writable(
            self.account, self.user, self.resource, self.before, others=others
        )
        wanted.fields = {}
        new = new_names(adapter, self.user, fields, self.resource)
        if new or (fields and adapter.identity(self.before) != adapter.identity(self.resource)):
            wanted.fields = claimed(adapter, self.user, fields)
        held = names_of(self.before)
        named = names_of(self.resource)
        wanted.names = {name: of for name, of in named.items() if name not in held} | new
        return fields

    def refuse_taken(self) -> None:
        """Ask who is in the way; raises as ``uniqueness.refuse_taken``."""
        if self.are_new:
            screened = screen_changed(self.people.adapter, self.wanted, self.user.pk)
            refuse_taken(self.wanted, self._accounts, screened)

    def write_unless_taken(
        self, writes: Writes, *questions: Part
    ) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Write what waits, and return the fields of the user that may be written after all.

        With them come the answers to questions, none where nothing was asked.

        Raises:
            Uniqueness: naming what is taken.
        """
        asked = ask_changed(self.people.adapter, self.wanted, self.user.pk)
        fields = self.wanted.written
        if asked is None:
            fields = self.claim()
            self.refuse_taken()
            return fields, ()
        if self.people.moves(self.user, fields):
            self.told = uuid7()
            record_new_address(self.context, self.account.id, writes=writes, key=self.told)
        asking = others_question(self.context, self.user), *questions
        rows = writes.rows(asked.select, *asking)
        has_others, *answers = rows[0][-len(asking) :]
        if has_others:
            fields = self.claim(others=True)
            self.refuse_taken()
        else:
            screened = asked.screened([row[: -len(asking)] for row in rows])
            refuse_taken(self.wanted, self._accounts, screened)
        return fields, tuple(answers)

    @property
    def _accounts(self) -> LinkedAccountQuerySet:
        rows = LinkedAccount.objects.using(self.context.using)
        return rows.of(self.context.provider_id)
