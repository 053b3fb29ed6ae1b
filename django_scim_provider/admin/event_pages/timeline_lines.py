"""The lines of a timeline, as one reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.admin.sites import AdminSite
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from django_scim_provider.admin.event_pages.event_words import (
    id_to_copy,
    moment_of,
    outcome_of,
    what_happened,
)
from django_scim_provider.admin.event_pages.told_events import EventTeller
from django_scim_provider.admin.failure_pages.lines import Named
from django_scim_provider.admin.mapping_pages.source_words import source_in_words
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.timeline import (
    MOST_NAMED,
    TimelinePage,
    TimelineSubject,
    names_of_members,
)
from django_scim_provider.models import (
    EventEffect,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
)
from django_scim_provider.storage.history.value_rows import KeptValue

KINDS = EventEffect.Kind
_COUNTED = (KINDS.JOINED, KINDS.LEFT, KINDS.GRANTED, KINDS.REVOKED, KINDS.LOST)
"""In this order; a group is told of itself alone which member it lost, and not what others did."""
_GROUP = "group:"


@dataclass(slots=True, kw_only=True)
class TimelineLine:
    """One event of a timeline, in words."""

    moment: str
    what: str
    outcome: str
    """Empty where it was done: most are."""
    by: Named
    connection: Named
    address: str
    """Of the page of the event, empty where the reader may not open it."""
    failure: Named | None
    request: str
    details: list[str] = field(default_factory=list)
    values: Sequence[KeptValue] = ()


class TimelineTeller:
    """Makes the lines of a page; whatever they name is looked up once for all of them."""

    def __init__(self, request: HttpRequest, site: AdminSite, page: TimelinePage) -> None:
        self.page = page
        self.teller = EventTeller(request, site)
        self.teller.tell(page.events)
        self.members = names_of_members(page.effects)
        self.roles = _django_groups(page.effects)

    def lines(self, subject: TimelineSubject | None) -> list[TimelineLine]:
        """Return the lines; those of no subject tell what events did to all."""
        return [self._line(event, subject) for event in self.page.events]

    def _line(self, event: Any, subject: TimelineSubject | None) -> TimelineLine:
        effects = self.page.effects.get(event.pk, [])
        is_own = subject is None or event.resource_id == subject.scim_id
        if subject is not None and subject.resource_type == "User":
            details = self.to_person(event, effects, is_own=is_own)
        else:
            details = self.to_group(event, effects, subject)
        what = what_happened(event)
        if not is_own and details:
            what, details = details[0], details[1:]
        is_done = event.outcome == ProvisioningEvent.Outcome.DONE
        return TimelineLine(
            moment=moment_of(event.at),
            what=what,
            outcome="" if is_done else outcome_of(event),
            by=event.told.by,
            connection=event.told.connection,
            address=self.teller.address(ProvisioningEvent, event.pk),
            failure=event.told.failure,
            request=id_to_copy(event.request_id) if event.request_id else "",
            details=details,
            values=self.page.values.get(event.pk, ()),
        )

    def to_person(self, event: Any, effects: Sequence[EventEffect], *, is_own: bool) -> list[str]:
        """Return what an event did to a person."""
        told = [self._effect(event, each) for each in effects]
        is_kept = any(each.kind == KINDS.KEPT for each in effects)
        done = event.outcome == ProvisioningEvent.Outcome.DONE
        if is_own and done and event.action == "deactivate" and not is_kept:
            told.append(gettext("The log-in was closed and sessions ended."))
        return told

    def _effect(self, event: Any, effect: EventEffect) -> str:
        if effect.kind == KINDS.KEPT:
            return gettext("The log-in stays open: somebody else vouches for the person.")
        if effect.kind == KINDS.REVOKED:
            text = gettext("Lost {role}, as nothing stands for it any more")
            return format_html(text, role=self.role(effect.role))
        if effect.kind == KINDS.GRANTED:
            return self._granted(self.role(effect.role), effect.through)
        if effect.kind == KINDS.LOST:
            text = gettext("The member {member} left, as the account was deleted")
            return format_html(text, member=event.told.who.link)
        joined = effect.kind == KINDS.JOINED
        text = gettext("Joined the group {group}") if joined else gettext("Left the group {group}")
        return format_html(text, group=event.told.who.link)

    def _granted(self, role: str, through: UUID | None) -> str:
        """Return that a role was given, and why."""
        found = None if through is None else self.members.get(through)
        if found is None:
            text = gettext("Got {role} through a group or a mapping that is gone")
            return format_html(text, role=role)
        if not isinstance(found, RoleMapping):
            text = gettext("Got {role} through the group {group}")
            return format_html(text, role=role, group=self.name(through))
        if found.match_by == RoleMapping.MatchBy.EVERYONE:
            return format_html(gettext("Got {role}, which everybody has"), role=role)
        if not self.teller.sees(RoleMapping):
            return format_html(gettext("Got {role} by an attribute"), role=role)
        address = self.teller.address(RoleMapping, found.pk)
        source = Named(source_in_words(found), address).link
        return format_html(gettext("Got {role}, as {source}"), role=role, source=source)

    def to_group(
        self, event: Any, effects: Iterable[EventEffect], subject: TimelineSubject | None
    ) -> list[str]:
        """Return what a change of a group did to its members, the first of whom are named."""
        own = subject.key if subject is not None else None
        told = [self._effect(event, each) for each in effects if each.subject == own]
        others = sorted(
            (each for each in effects if each.subject != own), key=lambda each: each.subject
        )
        for kind in _COUNTED if own is None else _COUNTED[:-1]:
            number = self.page.counts.get((event.pk, str(kind)), 0)
            number -= sum(each.kind == kind and each.subject == own for each in effects)
            if number < 1:
                continue
            some = [each for each in others if each.kind == kind][:MOST_NAMED]
            named = format_html_join(", ", "{}", ((self._whom(each),) for each in some))
            rest = gettext(" and {n} more").format(n=number - len(some))
            rest = rest if number > len(some) else ""
            names = format_html(": {}{}", named, rest) if some else ""
            told.append(format_html(_sentence(kind, number), n=number, names=names))
        return told

    def _whom(self, effect: EventEffect) -> str:
        name = self.name(effect.subject)
        if not effect.role:
            return name
        return format_html("{} ({})", name, self.role(effect.role))

    def name(self, key: UUID | None) -> str:
        """Return the name of an account or group of today, as a link."""
        found = self.members.get(key) if key is not None else None
        if found is None or isinstance(found, RoleMapping):
            return format_html('<span class="scim-gone">{}</span>', gettext("deleted"))
        model = LinkedAccount if isinstance(found, LinkedAccount) else ProvisionedGroup
        if not self.teller.sees(model):
            is_person = model is LinkedAccount
            return gettext("a person") if is_person else gettext("a group")
        return Named(str(found), self.teller.address(model, found.pk)).link

    def role(self, key: str) -> str:
        """Return what a role is called: a Django group by its name of today."""
        kind, _, name = key.partition(":")
        if kind == "group":
            return str(self.roles.get(name) or gettext("a Django group that is gone"))
        if kind == "organization_role":
            return gettext("the role %s of the organization") % name
        return gettext("the role %s") % name


def _sentence(kind: str, number: int) -> str:
    """Return what a change of a group did to so many members, with places for ``n`` and names."""
    if kind == KINDS.JOINED:
        return ngettext("{n} member joined{names}", "{n} members joined{names}", number)
    if kind == KINDS.LEFT:
        return ngettext("{n} member left{names}", "{n} members left{names}", number)
    if kind == KINDS.GRANTED:
        return ngettext("{n} role was given{names}", "{n} roles were given{names}", number)
    if kind == KINDS.LOST:
        return ngettext("Left {n} group{names}", "Left {n} groups{names}", number)
    return ngettext("{n} role was taken{names}", "{n} roles were taken{names}", number)


def _django_groups(effects: Mapping[UUID, Sequence[EventEffect]]) -> dict[str, str]:
    keys = {
        each.role.removeprefix(_GROUP)
        for some in effects.values()
        for each in some
        if each.role.startswith(_GROUP)
    }
    if not keys:
        return {}
    rows = Group.objects.using(get_settings().DATABASE).filter(pk__in=keys)
    text = gettext("the Django group %s")
    return {str(key): text % name for key, name in rows.values_list("pk", "name")}
