"""Grants whose account is gone: what its user has by roles is nobody's any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.insight.drift.differences import role_difference
from django_scim_provider.insight.drift.facts import users_by_key
from django_scim_provider.insight.drift.findings import Aspect, Difference, Divergence, Kept
from django_scim_provider.insight.drift.repair import attempt, told
from django_scim_provider.models import LinkedAccount, RoleGrant
from django_scim_provider.models.batches import next_keys
from django_scim_provider.organizations import memberships_of
from django_scim_provider.storage.locks import lock_users
from django_scim_provider.storage.roles.comparison import RoleComparison
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.sql.statements.connections_rows import of_connection_by_key
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.host_users import HostUsers


class Grants:
    """Users with grants of the connection and no account: somebody deleted the row alone."""

    name = "grants"

    def __init__(self, context: StoreContext, user_type: ResourceType) -> None:
        self.context = context
        self.user_type = user_type
        self.people = HostUsers(context)
        self.roles = RoleComparison(context)

    @property
    def _rows(self) -> QuerySet[RoleGrant]:
        grants = RoleGrant.objects.using(self.context.using)
        provider_id, using = self.context.provider_id, self.context.using
        alive = LinkedAccount.objects.using(using).filter(
            of_connection_by_key(provider_id, using), released_at=None, user=OuterRef("user")
        )
        return grants.filter(~Exists(alive), **{"provider_id": provider_id})

    def total(self) -> int:
        """Return how many such users there are."""
        return self._rows.values("user_id").distinct().count()

    def keys(self, after: Any, size: int) -> list[Any]:
        """Return the keys of the next users."""
        return next_keys(self._rows.distinct(), "user_id", after, size)

    def parse(self, text: str) -> Any:
        """Return a user's key."""
        field = get_user_model()._meta.pk
        try:
            found = field.to_python(text)
            field.run_validators(found)  # that the column can hold it
        except ValidationError:
            return None
        return found

    def find(self, keys: Sequence[Any]) -> list[Divergence]:
        """Return the grants that nothing stands for."""
        users = users_by_key(self.context.using, keys)
        found: list[Divergence] = []
        different = self.roles.differences(list(users.values()), self._joined(users))
        for key in keys:
            user = users.get(key)
            if user is None:
                differences = [Difference(part=Aspect.USER, name="pk", kept=Kept.HIDDEN)]
            else:
                kept = Kept.PROTECTED if self.people.adapter.is_protected(user) else None
                differences = [
                    replace(role_difference(each, None), kept=kept)
                    for each in different.get(key, ())
                ]
            if differences:
                found.append(
                    Divergence(
                        key=key,
                        resource_type=self.user_type.name,
                        resource_id="",
                        user_id=key,
                        differences=tuple(differences),
                    )
                )
        return found

    def _joined(self, users: Mapping[Any, AbstractBaseUser]) -> Mapping[Any, Mapping[str, Any]]:
        backend = self.people.backend
        return {} if backend is None else memberships_of(backend, list(users.values()))

    def repair(self, keys: Sequence[Any]) -> list[Divergence]:
        """Take the roles back."""
        lock_users(self.context.using, keys)
        still = self._rows.filter(user__in=keys).values_list("user_id", flat=True).distinct()
        found = self.find(list(still))
        return [self._mend(finding) if finding.is_drift else finding for finding in found]

    def _mend(self, finding: Divergence) -> Divergence:
        def work() -> None:
            Roles(self.context).reconcile([finding.key])

        error = attempt(self.context.using, finding.key, work, part="grants")
        return told(self.context, finding, error)
