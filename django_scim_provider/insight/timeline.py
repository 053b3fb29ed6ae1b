"""What happened to one person or group, the latest first, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import (
    EventEffect,
    EventValues,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
)
from django_scim_provider.storage.history.value_rows import KeptValue, are_kept, values_of

PAGE = 25
"""Events on a page."""
MOST_NAMED = 10
"""Members of one change of a group that are named; all are counted."""
_MOST_READ = 500
"""Effects of the events of a page, of which the first of each are named."""


@dataclass(frozen=True, slots=True)
class TimelineSubject:
    """The account or group that a timeline is about."""

    provider_id: str
    resource_type: str
    scim_id: str
    key: UUID

    @classmethod
    def of(cls, found: LinkedAccount | ProvisionedGroup) -> TimelineSubject:
        """Return the subject that a row is."""
        kind = "User" if isinstance(found, LinkedAccount) else "Group"
        return cls(str(found.provider_id), kind, found.scim_id, found.pk)


@dataclass(slots=True)
class TimelinePage:
    """Some events, what they did beside what they name, and where the next page begins."""

    events: list[ProvisioningEvent]
    position: UUID | None
    """None where there is no next page."""
    effects: dict[UUID, list[EventEffect]] = field(default_factory=dict)
    """By the key of the event: those on the person, or of a change of the group the first few."""
    counts: dict[tuple[UUID, str], int] = field(default_factory=dict)
    """How many effects a change of the group had, by its key and their kind."""
    values: dict[UUID, list[KeptValue]] = field(default_factory=dict)
    """What changed attributes held, by the key of the event."""


def timeline_of(
    subject: TimelineSubject,
    before: UUID | None = None,
    *,
    size: int = PAGE,
    with_values: bool = False,
) -> TimelinePage:
    """Return a page of what happened to an account or group, by a fixed number of statements.

    It begins behind the event ``before``. Both ways from the subject to its events have an index in
    their order, so that a page costs the same with millions of events.
    """
    using = get_settings().DATABASE
    named: dict[str, Any] = {
        "provider": subject.provider_id,
        "resource_type": subject.resource_type,
        "resource_id": subject.scim_id,
    }
    own = ProvisioningEvent.objects.using(using).filter(**named)
    of_others = EventEffect.objects.using(using).filter(subject=subject.key)
    if before is not None:
        own, of_others = own.filter(pk__lt=before), of_others.filter(event__lt=before)
    keys = set(own.order_by("-pk").values_list("pk", flat=True)[: size + 1])
    # Distinct from the first of several of one event on: a role for each mapping.
    reached = of_others.order_by("-event_id").values_list("event_id", flat=True).distinct()
    keys |= set(reached[: size + 1])
    shown = sorted(keys, reverse=True)[:size]
    rows = ProvisioningEvent.objects.using(using).filter(pk__in=shown)
    events = list(rows.select_related("provider").order_by("-pk"))
    page = TimelinePage(events, shown[-1] if len(keys) > size else None)
    _add_effects(page, subject, EventEffect.objects.using(using).filter(event__in=shown))
    if with_values and are_kept():
        kept = EventValues.objects.using(using).filter(event__in=shown, subject=subject.key)
        page.values = {each.event_id: values_of(each) for each in kept}
    return page


def effects_of(event: ProvisioningEvent) -> TimelinePage:
    """Return one event with the first few of its effects, and how many there are."""
    page = TimelinePage([event], None)
    rows = EventEffect.objects.using(get_settings().DATABASE).filter(event=event.pk)
    _count(page, rows)
    page.effects = _by_event(_in_order(rows)[:_MOST_READ])
    return page


def _add_effects(page: TimelinePage, subject: TimelineSubject, rows: QuerySet[EventEffect]) -> None:
    if subject.resource_type == "User":
        page.effects = _by_event(rows.filter(subject=subject.key).order_by("pk"))
        return
    _count(page, rows)
    # Its own by themselves, however many others one of the events moved.
    others = _in_order(rows.exclude(subject=subject.key))[:_MOST_READ]
    page.effects = _by_event([*rows.filter(subject=subject.key).order_by("pk"), *others])


def _count(page: TimelinePage, rows: QuerySet[EventEffect]) -> None:
    counted: Iterable[Any] = rows.order_by().values_list("event", "kind").annotate(n=Count("pk"))
    page.counts = {(event, kind): number for event, kind, number in counted}


def _in_order(rows: QuerySet[EventEffect]) -> QuerySet[EventEffect]:
    """Return them by the index of events; by their keys, all of the table would be walked."""
    return rows.order_by("-event_id", "-kind")


def _by_event(rows: Iterable[EventEffect]) -> dict[UUID, list[EventEffect]]:
    found: dict[UUID, list[EventEffect]] = {}
    for each in rows:
        found.setdefault(each.event_id, []).append(each)
    return found


def names_of_members(
    effects: Mapping[UUID, Sequence[EventEffect]],
) -> dict[UUID, LinkedAccount | ProvisionedGroup | RoleMapping]:
    """Return what stands behind effects by its key, as far as it is there.

    Mappings are among it that gave a role and name no group.
    """
    using = get_settings().DATABASE
    through = {each.through for some in effects.values() for each in some if each.through}
    named = {each.subject for some in effects.values() for each in some} | through
    found: dict[UUID, LinkedAccount | ProvisionedGroup | RoleMapping] = {}
    models: tuple[tuple[Any, str], ...] = (
        (LinkedAccount, "user_name"),
        (ProvisionedGroup, "display_name"),
    )
    for model, name in models if named else ():
        found |= {row.pk: row for row in model.objects.using(using).filter(pk__in=named).only(name)}
    if through := through - found.keys():
        found |= RoleMapping.objects.using(using).in_bulk(through)
    return found
