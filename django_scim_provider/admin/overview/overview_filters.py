"""What the list of connections can be narrowed by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.conditions import EXPIRES_SOON, QUIET_AFTER
from django_scim_provider.models import Failure, ProvisioningEvent, SCIMToken
from django_scim_provider.models.connection_profiles import profile_titles
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import as_held, utc_now


class ChoiceFilter(SimpleListFilter):
    """A filter that stands above the list, closed until somebody opens it."""

    template = "django_scim_provider/admin/overview/choice_filter.html"


class StateFilter(ChoiceFilter):
    """Connections by what they open."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return [
            ("enabled", _("enabled")),
            ("disabled", _("disabled")),
            ("decommissioned", _("decommissioned")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the connections in the state asked for."""
        if self.value() == "decommissioned":
            return queryset.exclude(decommissioned_at=None)
        if self.value() in ("enabled", "disabled"):
            return queryset.filter(decommissioned_at=None, enabled=self.value() == "enabled")
        return queryset


class ProductFilter(ChoiceFilter):
    """Connections by what people call their identity provider."""

    title = _("identity provider")
    parameter_name = "product"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the products by the names of their profiles."""
        titles = profile_titles().items()
        return sorted(titles, key=lambda choice: str(choice[1]).casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the connections of the product."""
        chosen = self.value()
        return queryset if chosen not in profile_titles() else queryset.filter(profile=chosen)


class AttentionFilter(ChoiceFilter):
    """Connections that somebody should look at."""

    title = _("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what there may be to look at."""
        return [
            ("failing", _("people fail")),
            ("silent", _("silent for 7 days")),
            ("token", _("a token ends within 14 days")),
            ("drift", _("drift")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the connections of which that is true."""
        condition = _CONDITIONS.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition(as_held(utc_now())))


def _failing(now: datetime) -> Q:
    return Q(_there(Failure.objects.filter(state=Failure.State.OPEN)))


def _silent(now: datetime) -> Q:
    """Return what holds for those that could be heard and were not, also for new ones."""
    since = now - QUIET_AFTER
    heard = SCIMToken.objects.filter(last_used_at__gte=since)
    asked = ProvisioningEvent.objects.filter(pk__gte=least_key_of(since)).exclude(request_id="")
    usable = Q(enabled=True, decommissioned_at=None)
    return usable & ~Q(_there(heard)) & ~Q(_there(asked))


def _ending(now: datetime) -> Q:
    ends = SCIMToken.objects.live(now).filter(expires_at__lt=now + EXPIRES_SOON)
    return Q(_there(ends), decommissioned_at=None)


def _drifted(now: datetime) -> Q:
    return Q(drift_count__gt=0)


def _there(rows: QuerySet[Any]) -> Exists:
    """Return whether a connection has one of the rows."""
    return Exists(rows.filter(provider=OuterRef("provider_id")).order_by())


_CONDITIONS: dict[str, Callable[[datetime], Q]] = {
    "failing": _failing,
    "silent": _silent,
    "token": _ending,
    "drift": _drifted,
}
