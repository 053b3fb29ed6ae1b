"""Failures of a connection as people read them: counts, pages, and whom they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import USER
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    Tombstone,
)
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.failures.subjects import NAMES, Subject
from django_scim_provider.storage.resource_ids import is_id

PAGE = 25
"""Failures on a page."""
DAYS = 30
"""How far the shorter of the two periods reaches back."""
_WHAT_FAILS: dict[str, Any] = {
    "create": _("cannot be created"),
    "update": _("cannot be changed"),
    "delete": _("cannot be deleted"),
}


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some failures, and where the next page begins; None where there is none."""

    failures: list[Failure]
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom the failures of a page are about, and whom they collide with; by statements for all."""

    resources: Mapping[tuple[str, str], LinkedAccount | ProvisionedGroup]
    """By the name of the resource type and the SCIM id."""
    users: Mapping[str, Any]
    """Users of the project, by the texts of their keys."""
    accounts_of_users: Mapping[str, LinkedAccount]
    """The accounts that the connection has of them, likewise."""
    tombstones: Mapping[str, Tombstone]
    """What is left of earlier accounts of them that had an ``externalId``, likewise."""

    def about(self, failure: Failure) -> LinkedAccount | ProvisionedGroup | None:
        """Return the account or group that the request named."""
        return self.resources.get((failure.resource_type, failure.resource_id))

    def in_the_way(self, failure: Failure) -> LinkedAccount | ProvisionedGroup | None:
        """Return the account or group of the connection that has the value."""
        if failure.collides_type == USER:
            return self.accounts_of_users.get(failure.collides_id)
        return self.resources.get((failure.collides_type, failure.collides_id))

    def is_away(self, failure: Failure) -> bool:
        """Tell whether who has the value is an account that is out of use."""
        holder = self.in_the_way(failure)
        return isinstance(holder, LinkedAccount) and not (
            holder.active and holder.released_at is None
        )

    def user_in_the_way(self, failure: Failure) -> Any:
        """Return the project's user who has the value and is not of the connection."""
        if failure.collides_type != USER or failure.collides_id in self.accounts_of_users:
            return None
        return self.users.get(failure.collides_id)


def what_fails(failure: Failure) -> Any:
    """Return what cannot be done to whom the failure is about, in words."""
    return _WHAT_FAILS.get(failure.action, failure.action)


def failures_since(connection: ProviderConnection, *, all_time: bool = False) -> QuerySet[Failure]:
    """Return the failures that happened in the last ``DAYS`` days, or ever."""
    rows = Failure.objects.using(get_settings().DATABASE)
    rows = rows.filter(provider=connection.provider_id)
    return rows if all_time else rows.filter(last_at__gte=utc_now() - timedelta(days=DAYS))


def counts_by_state(failures: QuerySet[Failure]) -> dict[str, int]:
    """Return how many there are of each state, by one statement."""
    found = failures.order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(Failure.State.values, 0) | dict(found)


def open_counts(provider_ids: Sequence[str]) -> dict[str, int]:
    """Return how many failures are open by connection, by one statement; none of which has none."""
    rows = Failure.objects.using(get_settings().DATABASE).filter(state=Failure.State.OPEN)
    counted = rows.filter(provider__in=list(provider_ids)).order_by().values("provider")
    return dict(counted.annotate(n=Count("pk")).values_list("provider", "n"))


def find_person(
    failures: QuerySet[Failure], connection: ProviderConnection, text: str
) -> QuerySet[Failure]:
    """Return those of one person: by a name, an ``externalId``, an id or a request id, in full.

    The key of a failure finds that one.
    """
    digests = {
        digest
        for name in NAMES
        for digest in Subject(name, text, text, text).all_digests(connection.provider_id)
    }
    found = Q(subject__in=digests) | Q(alias__in=digests) | Q(last_request_id=text[:64])
    return failures.filter(found | Q(pk=text) if is_id(text) else found)


def page_of(failures: QuerySet[Failure], state: str, position: str | None) -> InboxPage:
    """Return a page, the latest first; a position that cannot be read is the beginning."""
    rows = failures.filter(state=state).order_by("-last_at", "-pk")
    after = _read(position)
    if after is not None:
        moment, key = after
        rows = rows.filter(Q(last_at__lt=moment) | Q(last_at=moment, pk__lt=key))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return InboxPage(
        found[:PAGE], None if last is None else f"{utc(last.last_at).isoformat()}~{last.pk}"
    )


def people_of(connection: ProviderConnection, failures: Sequence[Failure]) -> People:
    """Return whom failures name, by one statement for each kind."""
    using, own = get_settings().DATABASE, {"provider_id": connection.provider_id}
    named = {(f.resource_type, f.resource_id) for f in failures if f.resource_id}
    named |= {(f.collides_type, f.collides_id) for f in failures if f.collides_type != USER}
    resources: dict[tuple[str, str], LinkedAccount | ProvisionedGroup] = {}
    for name, model in (("User", LinkedAccount), ("Group", ProvisionedGroup)):
        ids = {id for kind, id in named if kind == name and id}
        if ids:
            rows: QuerySet[Any] = model._default_manager.using(using)
            found = rows.filter(**own, scim_id__in=ids)
            resources |= {(name, each.scim_id): each for each in found}
    keys = {f.collides_id for f in failures if f.collides_type == USER}
    users: dict[str, Any] = {}
    accounts: dict[str, LinkedAccount] = {}
    tombstones: dict[str, Tombstone] = {}
    if keys:
        fits = [key for key in map(key_of_user, keys) if key is not None]
        there: QuerySet[Any] = get_user_model()._base_manager.using(using).filter(pk__in=fits)
        users = {str(each.pk): each for each in there}
        of_users = {**own, "user__in": list(users.values())}
        held = LinkedAccount.objects.using(using).filter(**of_users)
        accounts = {str(each.user_id): each for each in held}
        left = Tombstone.objects.using(using).filter(**of_users, external_id__isnull=False)
        tombstones = {str(each.user_id): each for each in left}
    return People(
        resources=resources, users=users, accounts_of_users=accounts, tombstones=tombstones
    )


def failures_of(events: Iterable[ProvisioningEvent]) -> dict[UUID, Failure]:
    """Return, by the keys of events of refusals, the failures that they belong to.

    By one statement; a failure that was pruned has gone.
    """
    asked = {event.pk: event.failure_id for event in events if event.failure_id is not None}
    if not asked:
        return {}
    found = Failure.objects.using(get_settings().DATABASE).in_bulk(set(asked.values()))
    return {pk: found[key] for pk, key in asked.items() if key in found}


def key_of_user(text: str) -> Any:
    """Return a key of the user model; None where the text is none of a project that changed it."""
    try:
        return get_user_model()._meta.pk.to_python(text)
    except Exception:  # fields of projects raise what they like
        return None


def _read(position: str | None) -> tuple[datetime, UUID] | None:
    moment, _, key = (position or "").partition("~")
    try:
        return utc(datetime.fromisoformat(moment)), UUID(key)
    except (ValueError, OverflowError):  # a zone can move a moment out of the calendar
        return None
