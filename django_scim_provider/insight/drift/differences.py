"""The comparison itself: no query, no change.

What is by design is not a difference: the profile of an account that preserves it, the log-in of a
user whom somebody else keeps active, a user who was linked while inactive, roles given by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content, folded_document
from django_scim_provider.insight.drift.facts import (
    ACTIVE,
    MISSING,
    SUSPENDED,
    AccountFacts,
    BatchPeople,
    EmailRow,
)
from django_scim_provider.insight.drift.findings import Aspect, Difference, Kept
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.models.resources import AbstractDocument
from django_scim_provider.storage.groups.group_rows import group_keys
from django_scim_provider.storage.roles.comparison import RoleDifference, RoleState
from django_scim_provider.storage.sql.documents import account_documents, group_documents
from django_scim_provider.storage.users.account_rows import account_keys, email_rows
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.mapping.host_values import as_shown
from django_scim_provider.storage.users.mapping.one_to_one import differences_beside, split

UNREADABLE = Difference(part=Aspect.ACCOUNT, name="resource", kept=Kept.UNREADABLE)


def compare_account(
    facts: AccountFacts, people: BatchPeople, user_type: ResourceType, *, reopen: bool
) -> list[Difference]:
    """Return what differs for one account; ``reopen`` makes drift of what the project closed."""
    account, user = facts.account, facts.user
    try:
        resource = content(account.resource)
        keys = account_keys(resource)
    except (SCIMError, ValueError, KeyError):  # no JSON, or not the JSON of a user
        return [UNREADABLE]
    found = [
        *_columns(Aspect.ACCOUNT, account, keys, user_type),
        *_emails(account, facts.emails, resource),
    ]
    if user is None:
        return [*found, Difference(part=Aspect.USER, name="pk", kept=Kept.HIDDEN)]
    people.ask_about(resource)
    closed = None if reopen else Kept.CLOSED
    of_user = list(_profile(facts, user, people, resource, user_type))
    if keys["active"]:
        of_user += _not_open(facts, user, people, closed)
    elif not is_untouched_link(account):
        of_user += _not_closed(facts, user, people)
    roles = [role_difference(each, closed) for each in facts.roles]
    if people.adapter.is_protected(user):
        roles = _protected(roles)
    if people.adapter.is_protected(user) or user.pk == people.context.owner_id:
        of_user = _protected(of_user)
    return [*found, *of_user, *roles]


def _profile(
    facts: AccountFacts,
    user: AbstractBaseUser,
    people: BatchPeople,
    resource: Resource,
    user_type: ResourceType,
) -> Iterator[Difference]:
    """Yield what this connection would write of the user."""
    if not people.writes_profile(facts.account):
        return
    alone = people.holds_alone(facts.account, user)
    resource = as_shown(people.adapter, user, resource, user_type, own=alone)
    try:
        fields = people.writable(facts.account, user, resource)
    except SCIMError:
        yield UNREADABLE
        return
    own, beside = split(fields)
    differences = people.adapter.differences(user, resource if fields else {}, own)
    differences |= differences_beside(user, beside)
    for name, (now, due) in differences.items():
        yield Difference(part=Aspect.USER, name=name, now=now, due=due)


def _protected(differences: Iterable[Difference]) -> list[Difference]:
    return [replace(each, kept=Kept.PROTECTED) for each in differences]


def is_untouched_link(account: LinkedAccount) -> bool:
    """Tell whether an account was linked to an existing user and nothing was written since.

    Linking leaves the user as it is, even where the account is inactive.
    """
    return account.version == 1 and not (account.created_user and account.manages_profile)


def _not_open(
    facts: AccountFacts, user: AbstractBaseUser, people: HostUsers, closed: Kept | None
) -> Iterator[Difference]:
    """Yield what the user of an active account lacks to come in."""
    if people.adapter.is_active(user) is False:
        yield Difference(part=Aspect.USER, name="is_active", now=False, due=True, kept=closed)
    if facts.membership not in (None, ACTIVE):
        yield Difference(
            part=Aspect.MEMBERSHIP, name="membership", now=facts.membership, due=ACTIVE, kept=closed
        )


def _not_closed(
    facts: AccountFacts, user: AbstractBaseUser, people: HostUsers
) -> Iterator[Difference]:
    """Yield what the user of an inactive account still has, though nobody vouches for it."""
    kept = Kept.PROTECTED if facts.is_last_owner else None
    if people.adapter.is_active(user) and people.closes(user, facts.account.pk):
        yield Difference(part=Aspect.USER, name="is_active", now=True, due=False, kept=kept)
    if facts.membership == ACTIVE and people.organizations is not None:
        due = SUSPENDED if people.organizations.keeps_inactive else MISSING
        yield Difference(part=Aspect.MEMBERSHIP, name="membership", now=ACTIVE, due=due, kept=kept)


def role_difference(found: RoleDifference, closed: Kept | None) -> Difference:
    """Return the difference that a role makes.

    It is named ``django_group 5``, ``organization_role admin`` or ``project_role editor``.
    """
    target = found.target
    (named,) = [(name, value) for name, value in target._asdict().items() if value is not None]
    name = " ".join(map(str, named)).replace("django_group_id", "django_group")
    has = found.state is RoleState.UNBACKED
    kept = closed if found.state is RoleState.TAKEN else None
    return Difference(part=Aspect.ROLE, name=name, now=has, due=not has, kept=kept)


def compare_group(group: ProvisionedGroup, group_type: ResourceType) -> list[Difference]:
    """Return which columns of a group do not follow from its resource."""
    try:
        keys = group_keys(content(group.resource))
    except (SCIMError, ValueError, KeyError):
        return [replace(UNREADABLE, part=Aspect.GROUP)]
    return list(_columns(Aspect.GROUP, group, keys, group_type))


def _columns(
    part: Aspect,
    row: LinkedAccount | ProvisionedGroup,
    keys: Mapping[str, Any],
    resource_type: ResourceType,
) -> Iterator[Difference]:
    for name, due in keys.items():
        now = getattr(row, name)
        if now != due:
            yield Difference(part=part, name=name, now=now, due=due)
    if not _is_indexed(row, resource_type):
        yield Difference(part=part, name="folded")


def _is_indexed(row: LinkedAccount | ProvisionedGroup, resource_type: ResourceType) -> bool:
    """Tell whether filters find a resource as it is."""
    document: AbstractDocument | None = getattr(row, "document", None)
    if document is None or document.last_modified != row.last_modified:
        return False
    documents = account_documents if isinstance(row, LinkedAccount) else group_documents
    folded = orjson.dumps(folded_document(row.resource, resource_type)).decode()
    return documents.is_due(row, document, folded)


def _emails(
    account: LinkedAccount, rows: list[EmailRow], resource: Resource
) -> Iterator[Difference]:
    wanted = email_rows(account.provider_id, account.pk, resource)
    due = [(row["value_key"], row["type"], row["primary"]) for row in wanted]
    if Counter(rows) != Counter(due):
        now_values, due_values = ([row[0] for row in each] for each in (rows, due))
        yield Difference(part=Aspect.ACCOUNT, name="emails", now=now_values, due=due_values)
