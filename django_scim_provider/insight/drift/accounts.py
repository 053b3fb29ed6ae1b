"""Accounts, with what they stand for: users, memberships, roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.insight.drift.differences import compare_account
from django_scim_provider.insight.drift.facts import AccountFacts, BatchPeople, read_facts
from django_scim_provider.insight.drift.findings import Divergence
from django_scim_provider.insight.drift.repair import AccountRepair
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.batches import next_keys
from django_scim_provider.storage.locks import lock_accounts
from django_scim_provider.storage.resource_ids import parse_id
from django_scim_provider.storage.roles.comparison import RoleComparison
from django_scim_provider.storage.store_context import StoreContext


class Accounts:
    """Accounts that the connection has not released, with their users, memberships and roles."""

    name = "accounts"

    def __init__(self, context: StoreContext, user_type: ResourceType, *, reopen: bool) -> None:
        self.context = context
        self.user_type = user_type
        self.reopen = reopen
        self.roles = RoleComparison(context)

    @property
    def _rows(self) -> QuerySet[LinkedAccount]:
        rows = LinkedAccount.objects.using(self.context.using).of(self.context.provider_id)
        return rows.filter(released_at=None)

    def total(self) -> int:
        """Return how many accounts there are."""
        return self._rows.count()

    def keys(self, after: Any, size: int) -> list[Any]:
        """Return the ids of the next accounts."""
        return next_keys(self._rows, "pk", after, size)

    def parse(self, text: str) -> UUID | None:
        """Return an account's id."""
        return parse_id(text)

    def find(self, keys: Sequence[Any]) -> list[Divergence]:
        """Return what differs."""
        accounts = list(self._rows.filter(pk__in=keys).order_by("pk"))
        people = BatchPeople(self.context)
        return [finding for _, finding in self._compared(people, accounts, self.roles)]

    def _compared(
        self, people: BatchPeople, accounts: list[LinkedAccount], roles: RoleComparison
    ) -> list[tuple[AccountFacts, Divergence]]:
        found = []
        for facts in read_facts(people, accounts, roles):
            differences = compare_account(facts, people, self.user_type, reopen=self.reopen)
            if differences:
                finding = Divergence(
                    key=facts.account.pk,
                    resource_type=self.user_type.name,
                    resource_id=facts.account.scim_id,
                    user_id=facts.account.user_id,
                    differences=tuple(differences),
                )
                found.append((facts, finding))
        return found

    def repair(self, keys: Sequence[Any]) -> list[Divergence]:
        """Lock users and accounts first.

        MySQL reads what was committed before its first read that does not lock.
        """
        accounts = [
            each for each in lock_accounts(self.context.using, keys) if each.released_at is None
        ]
        people = BatchPeople(self.context)
        compared = self._compared(people, accounts, RoleComparison(self.context))
        return AccountRepair(self.context, self.user_type, reopen=self.reopen).repair(
            people, compared
        )
