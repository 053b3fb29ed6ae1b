"""What the list of events is narrowed by, without a look at millions of rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ListFilter, SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.event_pages.told_events import OF_TOKENS
from django_scim_provider.admin.failure_pages.lines import FAILURE
from django_scim_provider.insight.activity import SLACK
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import local, utc_now
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.resource_ids import is_id

FIRST, LAST = date(1970, 1, 2), date(9999, 12, 29)
"""Days whose beginning and end are moments with a key in each time zone."""


class DayFilter(ListFilter):
    """One day of the reader's time zone, by the keys, which begin with the time.

    ``before`` is the key of an event: only earlier ones are shown.
    """

    title = _("day")
    parameters: ClassVar[tuple[str, ...]] = ("day", "before")

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        asked, before = (str(params.pop(name, [""])[-1]).strip() for name in self.parameters)
        self.day = _date(asked)
        self.before = UUID(before) if is_id(before) else None

    def has_output(self) -> bool:
        """Have it always: it stands above the list."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name the parameters."""
        return list(self.parameters)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of the day."""
        if self.before is not None:
            queryset = queryset.filter(pk__lt=self.before)
        if self.day is None:
            return queryset
        start, end = _moment(self.day), _moment(self.day + timedelta(days=1))
        return queryset.filter(
            pk__gte=least_key_of(start - SLACK),
            pk__lt=least_key_of(end + SLACK),
            at__gte=start,
            at__lt=end,
        )

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield the day and the addresses of those beside it."""
        today = local(utc_now()).date()
        day = self.day or today

        def query(wanted: date | None) -> str:
            told = {"day": None if wanted is None else wanted.isoformat(), "before": None}
            return str(changelist.get_query_string(told, remove=[PAGE_VAR]))

        yield {
            "value": "" if self.day is None else self.day.isoformat(),
            "shown": "" if self.day is None else _in_words(self.day),
            "earlier": query(day - timedelta(days=1)) if day > FIRST else "",
            "later": query(day + timedelta(days=1)) if day < today else "",
            "all_days": "" if self.day is None and self.before is None else query(None),
        }


class ActionFilter(SimpleListFilter):
    """The actions that there are."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the actions."""
        return list(ProvisioningEvent.Action.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of the chosen action."""
        chosen = self.value()
        return queryset.filter(action=chosen) if chosen in ProvisioningEvent.Action else queryset


class OutcomeFilter(SimpleListFilter):
    """How it ended."""

    title = _("outcome")
    parameter_name = "outcome__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the outcomes."""
        return list(ProvisioningEvent.Outcome.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events that ended so."""
        chosen = self.value()
        return queryset.filter(outcome=chosen) if chosen in ProvisioningEvent.Outcome else queryset


class ByFilter(SimpleListFilter):
    """Who did it: an identity provider, a person, or a command or code of the project."""

    title = _("who did it")
    parameter_name = "by"
    conditions: ClassVar[dict[str, Q]] = {
        "directory": Q(token_id__isnull=False) & ~Q(action__in=OF_TOKENS),
        "people": Q(actor__isnull=False),
        "project": Q(actor=None) & (Q(token_id=None) | Q(action__in=OF_TOKENS)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the kinds of those who do something."""
        return [
            ("directory", _("the identity provider")),
            ("people", _("people")),
            ("project", _("the project itself")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what those did."""
        return queryset.filter(self.conditions.get(self.value() or "", Q()))


class ResourceTypeFilter(SimpleListFilter):
    """The resource types that the project serves."""

    title = _("resource type")
    parameter_name = "resource_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return their names."""
        names = (r.resource_type.name for r in get_registry().registrations)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of the chosen type."""
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(resource_type=chosen)


class FailureFilter(ListFilter):
    """The events of one failure, which its line leads to; nobody chooses it here."""

    title = _("failure")
    parameter = FAILURE

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.key = str(params.pop(self.parameter, [""])[-1])

    def has_output(self) -> bool:
        """Have it always: a condition without one would not be used."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name the parameter."""
        return [self.parameter]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return its events; none for a text that is no key."""
        if not self.key:
            return queryset
        return queryset.filter(failure_id=self.key) if is_id(self.key) else queryset.none()

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Offer nothing."""
        return iter(())


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def _in_words(day: date) -> str:
    return f"{date_format(day, 'l')}, {date_format(day, 'DATE_FORMAT')}"


def _moment(day: date) -> datetime:
    """Return when a day begins in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_current_timezone())
