"""Who of a batch may be imported, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.validation.scim_ids import refuse_unfit_id
from django_scim_provider.importing.described import described
from django_scim_provider.importing.known_rows import KnownRows
from django_scim_provider.importing.options import ImportOptions
from django_scim_provider.importing.records import ImportedPerson
from django_scim_provider.organizations import memberships_of, require_organization_backend
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import account_keys
from django_scim_provider.storage.users.linking import addresses_of, is_proven
from django_scim_provider.storage.users.mapping.host_values import take_out_owned
from django_scim_provider.storage.users.uniqueness import (
    Claim,
    beside_protected,
    names_of,
    protected_names,
)


@dataclass(slots=True)
class Candidate:
    """Somebody who is to be imported, and what came of looking at them."""

    person: ImportedPerson
    resource: Resource = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    """The columns that follow from the resource; see ``account_rows.account_keys``."""
    problem: str = ""
    """Why they cannot be imported."""
    is_there: bool = False
    """Have they the account already?"""
    is_managed: bool = False
    """Does another connection write their names?"""


class PeopleScreening:
    """Looks at one batch after the other."""

    def __init__(
        self, context: StoreContext, user_type: ResourceType, options: ImportOptions
    ) -> None:
        self.context = context
        self.user_type = user_type
        self.options = options
        self.adapter = get_adapter(context.for_project())
        self.protected = protected_names(self.adapter)
        self.organizations = None
        if context.organization_id is not None:
            self.organizations = require_organization_backend(using=context.using)
        self._known = KnownRows()

    def screened(self, people: Sequence[ImportedPerson]) -> list[Candidate]:
        """Return all of them, with what keeps them out."""
        candidates = [self._prepared(person) for person in people]
        # What a real run has stored, only memory tells a dry one.
        known = self._known if self.options.dry_run else KnownRows()
        with_users = [each.person for each in candidates if each.person.user is not None]
        known.look(
            self.context,
            ids=[each.id for each in with_users if each.id],
            users=[each.user.pk for each in with_users],
            names=[each.keys["account_id"] for each in candidates if each.keys],
        )
        members = self._members([each.user for each in with_users])
        for candidate in candidates:
            self._judge(candidate, known, members)
        return candidates

    def _prepared(self, person: ImportedPerson) -> Candidate:
        candidate = Candidate(person, problem=person.problem)
        if person.user is None:
            candidate.problem = person.problem or _("the project has no such user")
        if candidate.problem:
            return candidate
        try:
            if person.id is not None:
                refuse_unfit_id(person.id)
            candidate.resource = described(person, self.adapter, self.user_type)
            take_out_owned(self.context, candidate.resource)
            candidate.keys = account_keys(candidate.resource)
        except SCIMError as error:
            candidate.problem = error.detail
        return candidate

    def _members(self, users: Sequence[Any]) -> set[Any] | None:
        """Return the keys of those who are in the organization; None where there is none."""
        if self.organizations is None:
            return None
        held = memberships_of(self.organizations, users)
        return {key for key, found in held.items() if self.context.organization_id in found}

    def _judge(self, candidate: Candidate, known: KnownRows, members: set[Any] | None) -> None:
        person = candidate.person
        if person.user is None:
            return
        own = known.users.get(person.user.pk)
        candidate.is_there = own is not None and person.id in (None, own)
        if candidate.is_there:
            candidate.problem = ""  # whatever there is now
            return
        if own is not None:
            candidate.problem = _("the user has an account of the connection under another id")
        elif person.id is not None and person.id in known.ids:
            candidate.problem = _("somebody else has the id")
        candidate.problem = candidate.problem or self._reason(candidate, known, members)
        if not candidate.problem:
            candidate.is_managed = person.user.pk in known.managed
            name = candidate.keys["account_id"]
            known.take(person.id or "", person.user.pk, name)

    def _reason(self, candidate: Candidate, known: KnownRows, members: set[Any] | None) -> str:
        """Return why somebody who wants an account may not have it, ``""`` where they may."""
        person, user = candidate.person, candidate.person.user
        if self.adapter.is_protected(user) and user.get_username() not in self.options.protected:
            return _("protected, such as staff")
        if user.pk == self.context.owner_id:
            return _("the owner of the connection")
        if members is not None and user.pk not in members:
            return _("no member of the organization")
        if person.id is not None and person.id in known.nested:
            return _("a group that is a member of another group has the id")
        if candidate.keys["account_id"] in known.names:
            return _("the connection has the name for somebody else")
        vouched = self.options.trust_unverified or members is not None
        addresses = addresses_of(user, user.get_username())
        if not vouched and not is_proven(user, addresses, self.adapter, vouched=False):
            return _("the address is not verified")
        claim = Claim(names=names_of(candidate.resource), own_user=user.pk)
        if beside_protected(claim, self.adapter, self.protected):
            return _("named like somebody who is protected, such as staff")
        return ""
