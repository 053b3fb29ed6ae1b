"""Many new accounts at once: what they are held against is asked once, and their rows go together.

Only people in whose way nothing may be are made so, and each user of the project is saved by
itself. Whoever may be refused, linked or brought back is left to those who decide about one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stores import Stored
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import user_provisioned
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.mapping.one_to_one import save_beside
from django_scim_provider.storage.users.screening.many import clear_of
from django_scim_provider.storage.users.signals import send_after_commit
from django_scim_provider.storage.users.uniqueness import Claim
from django_scim_provider.storage.users.writing.new_accounts import (
    NewAccount,
    claim_of_new,
    insert_accounts,
    record_made,
)
from django_scim_provider.storage.write_methods import transactional


class NewAccounts:
    """Makes accounts of one connection together."""

    def __init__(
        self, context: StoreContext, resource_type: ResourceType, unique_index: UniqueIndex
    ) -> None:
        self.context = context
        self.resource_type = resource_type
        self.unique_index = unique_index

    def create(self, resources: Sequence[Resource | None]) -> Iterator[Sequence[Stored] | None]:
        """Yield what was stored; see ``SharingStore``.

        All are screened before, so what is made by itself meanwhile counts by what it wants.
        """
        claims = [None if resource is None else self._claim(resource) for resource in resources]
        waiting: list[tuple[Resource, Claim]] = []
        for resource, claim, is_clear in zip(
            resources, claims, clear_of(self.context, claims), strict=True
        ):
            if resource is not None and claim is not None and is_clear:
                waiting.append((resource, claim))
                continue
            # Whoever comes first gets what the project or a schema gives to one alone.
            yield from self._made(waiting)
            yield None
            waiting = []
        yield from self._made(waiting)

    def _claim(self, resource: Resource) -> Claim | None:
        try:
            return claim_of_new(self.context, resource)
        except SCIMError:
            return None

    def _made(self, pairs: Sequence[tuple[Resource, Claim]]) -> Sequence[Sequence[Stored] | None]:
        events = self.context.events
        try:
            with nullcontext() if events is None else events.undone():
                return [self._insert(pairs)] if pairs else ()
        except (IntegrityError, SCIMError):
            # All are undone. By themselves, those who can be made are.
            return [None] * len(pairs)

    @transactional
    def _insert(self, pairs: Sequence[tuple[Resource, Claim]]) -> list[Stored]:
        beside: list[Any] = []
        new = [self._with_user(*pair, beside) for pair in pairs]
        if beside:
            save_beside(get_adapter(self.context.for_project()), beside, new=True)
        texts = insert_accounts(self.context, self.resource_type, new, Writes(self.context.using))
        for each in new:
            self.unique_index.claim(each.key, each.resource)
            send_after_commit(self.context, user_provisioned, each.key)
        return [Stored(each.id, 1, text) for each, text in zip(new, texts, strict=True)]

    def _with_user(self, resource: Resource, claim: Claim, beside: list[Any]) -> NewAccount:
        """Make the user of the project, which is most of what an operation does."""
        person = HostUsers(self.context, claim.adapter).made(resource, claim.fields, later=beside)
        key = uuid7()
        made = NewAccount(key, str(key), now_after(), resource, claim.keys, person)
        record_made(self.context, self.resource_type, made)
        if self.context.events is not None:  # each event has the time of its own operation
            self.context.events.next_operation()
        return made
