"""Repairs of accounts: by the rules of provisioning, each by itself within its batch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from django.db import DatabaseError, DataError, IntegrityError

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import SCIMError, Unavailable, Uniqueness
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stored_text import content, folded_document
from django_scim_provider.insight.drift.facts import AccountFacts, BatchPeople
from django_scim_provider.insight.drift.findings import Aspect, Difference, Divergence
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.outgoing.webhook_endpoints import MessageKind
from django_scim_provider.observability.faults import for_log
from django_scim_provider.signals import user_deactivated, user_updated
from django_scim_provider.storage.announcing.outbox_rows import announce_repair
from django_scim_provider.storage.events import (
    record_change,
    record_failure,
    record_new_address,
)
from django_scim_provider.storage.roles.comparison import RoleState
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import refused
from django_scim_provider.storage.users.account_rows import account_keys, email_rows, insert_emails
from django_scim_provider.storage.users.host_fields import claimed, new_names
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.mapping.host_values import as_shown
from django_scim_provider.storage.users.signals import send_after_commit
from django_scim_provider.storage.users.uniqueness import Claim, names_of, refuse_taken

logger = logging.getLogger("django_scim_provider")

ACTION = "repair"
FAILED = "The project or its database raised an error; see the log."


def attempt(
    using: str, name: Any, work: Callable[[], None], *, part: str = "rows"
) -> SCIMError | None:
    """Run ``work`` so that its failure undoes it alone; return why it failed, or None.

    Whatever the project's own code raises is logged with the name, so that one person does not keep
    the others from being repaired. What the database asks to try again is raised. ``part`` tells
    different work for the same name apart.
    """
    return refused(using, f"repair {part} {name}", work, lambda error: _failure(error, name))


def _failure(problem: Exception, name: Any) -> SCIMError:
    """Return what is told of a failure; raise one that ends the transaction."""
    if isinstance(problem, IntegrityError):
        return Uniqueness("Somebody else holds what is unique.")
    is_fault = cause_of(problem) is Cause.FAULT
    if isinstance(problem, SCIMError) and is_fault:
        return problem
    is_error = isinstance(problem, DatabaseError) and not isinstance(problem, DataError)
    if is_error or not (is_fault or isinstance(problem, DataError)):
        raise problem
    logger.error("SCIM repair of %s failed", name, exc_info=for_log(problem))
    return Unavailable(FAILED)


class AccountRepair:
    """Repairs accounts that the transaction has locked, with their users."""

    def __init__(
        self, context: StoreContext, user_type: ResourceType, *, reopen: bool = False
    ) -> None:
        self.context = context
        self.using = context.using
        self.user_type = user_type
        self.reopen = reopen

    def repair(
        self, people: BatchPeople, compared: Sequence[tuple[AccountFacts, Divergence]]
    ) -> list[Divergence]:
        """Repair what differs; return the findings with how it went."""
        drifted = [pair for pair in compared if pair[1].is_drift]
        failed: dict[Any, SCIMError] = {}
        for facts, finding in drifted:

            def work(facts: AccountFacts = facts, finding: Divergence = finding) -> None:
                self._mend(facts, finding, people)

            if error := attempt(self.using, finding.resource_id, work):
                failed[finding.key] = error
        left = [pair for pair in drifted if pair[1].key not in failed]
        without_roles = self._roles(left)
        return [
            self._told(finding, failed.get(finding.key), without_roles.get(finding.key))
            for _, finding in compared
        ]

    def _mend(self, facts: AccountFacts, finding: Divergence, people: BatchPeople) -> None:
        differences = [each for each in finding.differences if each.kept is None]
        of_row = {each.name for each in differences if each.part is Aspect.ACCOUNT}
        if of_row:
            self._mend_row(facts.account, of_row)
        of_user = [each for each in differences if each.part in (Aspect.USER, Aspect.MEMBERSHIP)]
        if of_user:
            self._mend_user(facts, of_user, people)

    def _mend_row(self, account: LinkedAccount, names: set[str]) -> None:
        """Write the columns and index rows that follow from the resource; its version stays."""
        resource = content(account.resource)
        values = account_keys(resource)
        folded = orjson.dumps(folded_document(account.resource, self.user_type)).decode()
        rows = LinkedAccount.objects.using(self.using).filter(pk=account.pk)
        rows.update(**values)
        account_documents.mend(self.using, account, folded)
        if "emails" in names:
            AccountEmail.objects.using(self.using).filter(account=account.pk).delete()
            insert_emails.run(self.using, email_rows(account.provider_id, account.pk, resource))

    def _mend_user(
        self, facts: AccountFacts, differences: Sequence[Difference], known: BatchPeople
    ) -> None:
        """Write the user and the membership, as a change by the identity provider would."""
        account = facts.account
        names = {each.name for each in differences if each.part is Aspect.USER}
        access = {each.name for each in differences if each.name in _ACCESS}
        resource = content(account.resource)
        people = HostUsers(self.context, get_adapter(self.context.for_project(resource)))
        keys = account_keys(resource)
        user = people.locked(account.user_id)
        fields = {}
        alone = known.holds_alone(account, user)
        resource = as_shown(people.adapter, user, resource, self.user_type, own=alone)
        if known.writes_profile(account):
            fields = people.writable(account, user, resource)
        if names & people.adapter.identity_fields():
            named = new_names(people.adapter, user, fields, resource) | names_of(resource)
            claim = Claim(
                keys,
                claimed(people.adapter, user, fields),
                named,
                own=account.pk,
                own_user=user.pk,
                adapter=people.adapter,
            )
            refuse_taken(claim, LinkedAccount.objects.using(self.using).of(account.provider_id))
        active = None
        if access and keys["active"]:
            people.activate(user)
            active = True if "is_active" in access else None
        elif access and people.deactivate(user, account.pk):
            active = False
        moved = people.write(account, user, resource, fields, active=active)
        if active is False:
            people.revoke(user)
        if moved:
            record_new_address(self.context, account.scim_id)
        closed = bool(access) and not keys["active"]
        kind = MessageKind.USER_DEACTIVATED if closed else MessageKind.USER_UPDATED
        announce_repair(self.using, account, kind)
        signal = user_deactivated if closed else user_updated
        send_after_commit(self.context, signal, account.pk, changed=frozenset())

    def _roles(self, compared: Sequence[tuple[AccountFacts, Divergence]]) -> dict[Any, SCIMError]:
        """Bring roles in line, together; where that fails, each by itself, to see for whom."""
        wanting = [pair for pair in compared if any(map(_moves_roles, pair[1].differences))]
        if not wanting:
            return {}
        named = f"the roles of {len(wanting)} accounts"
        if len(wanting) == 1:
            named = wanting[0][1].resource_id
        error = attempt(self.using, named, lambda: self._reconcile(wanting), part="roles")
        if error is None:
            return {}
        if len(wanting) == 1:
            return {wanting[0][1].key: error}
        refused: dict[Any, SCIMError] = {}
        for pair in wanting:
            refused |= self._roles([pair])
        return refused

    def _reconcile(self, compared: Sequence[tuple[AccountFacts, Divergence]]) -> None:
        roles = Roles(self.context)
        roles.reconcile([facts.account.user_id for facts, _ in compared])
        for facts, _ in compared if self.reopen else ():
            for target, state in facts.roles:
                if state is RoleState.TAKEN and facts.user is not None:
                    roles.restore([facts.user], target)

    def _told(
        self, finding: Divergence, error: SCIMError | None, of_roles: SCIMError | None
    ) -> Divergence:
        if not finding.is_drift:
            return finding
        differences = [each for each in finding.differences if each.kept is None]
        if error is None and of_roles is not None:
            done = [each for each in differences if each.part is not Aspect.ROLE]
            if done:
                told(self.context, replace(finding, differences=tuple(done)), None)
        return told(self.context, finding, error or of_roles)


def told(context: StoreContext, finding: Divergence, error: SCIMError | None) -> Divergence:
    """Write the event of a repair, and return the finding with how it went."""
    name, id = finding.resource_type, finding.resource_id
    if error is not None:
        record_failure(context, ACTION, name, id, error)
        return replace(finding, refused=error.detail)
    changed = {each.name for each in finding.differences if each.kept is None}
    record_change(context, ACTION, name, id, status=200, changed=changed)
    return replace(finding, repaired=True)


_ACCESS = ("is_active", "membership")


def _moves_roles(difference: Difference) -> bool:
    """Tell whether a difference is one of roles, or decides whether an account counts for them."""
    own = difference.part is Aspect.ROLE or (difference.part, difference.name) == (
        Aspect.ACCOUNT,
        "active",
    )
    return own and difference.kept is None
