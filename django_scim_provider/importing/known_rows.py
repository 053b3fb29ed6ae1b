"""What of a batch of people is taken: asked of the database in a statement for each kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.store_context import StoreContext


@dataclass(slots=True)
class KnownRows:
    """What accounts of the connection have already, and people of the import before."""

    ids: set[str] = field(default_factory=set)
    """SCIM ids of accounts."""
    users: dict[Any, str] = field(default_factory=dict)
    """The SCIM id of each user's account."""
    names: set[str] = field(default_factory=set)
    """Folded user names."""
    nested: set[str] = field(default_factory=set)
    """Ids of groups that are members of groups: among members nobody could tell them apart."""
    managed: set[Any] = field(default_factory=set)
    """Users whose profile another connection writes."""

    def take(self, id: str, user: Any, name: str) -> None:
        """Note what somebody has from now on."""
        self.ids.add(id)
        self.users[user] = id
        self.names.add(name)

    def look(
        self,
        context: StoreContext,
        *,
        ids: Collection[str],
        users: Collection[Any],
        names: Collection[str],
    ) -> None:
        """Ask for all that may be in the way of these."""
        using = context.using
        own = LinkedAccount.objects.using(using).of(context.provider_id)
        wanted = [id for id in ids if may_be_id(id)]
        same = Q(user__in=list(users))
        for column, texts in (("scim_id", wanted), ("account_id", names)):
            if texts:
                found = own.filter(among_texts(using, column, texts)).order_by()
                self._note(found.values_list("scim_id", "user_id", "account_id"))
        self._note(own.filter(same).order_by().values_list("scim_id", "user_id", "account_id"))
        others = LinkedAccount.objects.using(using).filter(same, manages_profile=True)
        others = others.exclude(**{"provider_id": context.provider_id}).order_by()
        self.managed.update(others.values_list("user_id", flat=True))
        if wanted:
            groups = ProvisionedGroup.objects.using(using).filter(
                among_texts(using, "scim_id", wanted), **{"provider": context.provider_id}
            )
            named: dict[Any, str] = dict(groups.values_list("pk", "scim_id"))
            nested = GroupMember.objects.using(using).filter(child__in=list(named))
            self.nested.update(named[key] for key in nested.values_list("child_id", flat=True))

    def _note(self, rows: Any) -> None:
        for id, user, name in rows:
            self.take(id, user, name)
