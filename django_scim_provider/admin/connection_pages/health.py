"""The page that shows the state of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.advice import Advice, advice_for
from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.connection_pages.figures import answer_label, figures, kind_label
from django_scim_provider.admin.console.navigation import list_address, page_address
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import DAYS
from django_scim_provider.insight.condition_texts import headline
from django_scim_provider.insight.conditions import ends_soon
from django_scim_provider.insight.health import FailedChange, Health, health_of
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
)
from django_scim_provider.registry import indexed_attributes
from django_scim_provider.storage.sql.indexed.attribute_indexes import unserved_attributes
from django_scim_provider.storage.user_indexes import unserved_look_ups


@dataclass(frozen=True, slots=True)
class ShownFailure:
    """One failure; ``name`` and ``address`` are empty where the reader may not see the resource."""

    failure: FailedChange
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Failures of one kind, newest first, and what to do about them."""

    kind: str
    answer: str
    advice: Advice
    failures: list[ShownFailure]


class HealthPage(ConnectionPage):
    """Reads only; the number of statements is the same for any number of rows."""

    slug = "health"
    title = _("Health")
    entry = title
    permission = "scim_provider.view_providerconnection"
    template = "django_scim_provider/admin/health.html"

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return the facts, the charts, and the failures by their kind."""
        health, using = health_of(connection), get_settings().DATABASE
        pages = self.others(request, connection)
        return {
            "subtitle": str(connection),
            "days": DAYS,
            "health": health,
            "headline": headline(health),
            "unserved": unserved_look_ups(using),
            "unindexed": unserved_attributes(using, indexed_attributes()),
            "numbers": _numbers(health),
            "lists": self._lists(request, connection),
            "tokens": [
                {"row": token, "ends_soon": ends_soon(token, health), "address": address}
                for token in health.tokens
                for address in [self._address_of(request, token)]
            ],
            "figures": figures(health.activity),
            "problems": self._problems(request, health),
            "last_request": _last_request(health),
            "pages": pages,
            "acts": [each for each in pages.values() if not each["is_in_navigation"]],
            "events": self._events(request),
        }

    def _events(self, request: HttpRequest) -> str:
        """Return the address of the list of events, if the reader may see it."""
        site = self.model_admin.admin_site
        if not site.is_registered(ProvisioningEvent):
            return ""
        if not site.get_model_admin(ProvisioningEvent).has_view_permission(request):
            return ""
        return reverse("admin:scim_provider_provisioningevent_changelist", current_app=site.name)

    def _lists(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, str]:
        """Return the addresses of the rows behind the numbers, for those who may see them."""
        site, lists = self.model_admin.admin_site, {}
        for name, (model, narrowed) in _ROWS.items():
            if site.is_registered(model) and site.get_model_admin(model).has_view_permission(
                request
            ):
                lists[name] = list_address(site, model, connection.provider_id, **narrowed)
        return lists

    def _problems(self, request: HttpRequest, health: Health) -> list[Problem]:
        """Group the failures by what was asked for and what was answered."""
        found: dict[tuple[int | None, str, str, str], Problem] = {}
        for failure in health.failures:
            event = failure.event
            key = (event.status, event.scim_type, event.action, event.resource_type)
            if key not in found:
                kind = kind_label(event.action, event.resource_type)
                answer = answer_label(event.status, event.scim_type)
                found[key] = Problem(kind, answer, advice_for(*key), [])
            found[key].failures.append(self._shown(request, failure))
        return list(found.values())

    def _shown(self, request: HttpRequest, failure: FailedChange) -> ShownFailure:
        row = failure.resource
        if row is None or not self._may_view(request, row):
            return ShownFailure(failure, "", "")
        return ShownFailure(failure, str(row), self._address_of(request, row))

    def _may_view(self, request: HttpRequest, row: Model) -> bool:
        return request.user.has_perm(f"{row._meta.app_label}.view_{row._meta.model_name}")

    def _address_of(self, request: HttpRequest, row: Model) -> str:
        """Return where the admin shows a row; nothing where it does not, or not to this reader."""
        if not self._may_view(request, row):
            return ""
        return page_address(self.model_admin.admin_site, type(row), row.pk)


_ROWS: dict[str, tuple[type[Model], dict[str, Any]]] = {
    "users": (LinkedAccount, {}),
    "active": (LinkedAccount, {"active__exact": 1, "released_at__isempty": 1}),
    "inactive": (LinkedAccount, {"active__exact": 0, "released_at__isempty": 1}),
    "released": (LinkedAccount, {"released_at__isempty": 0}),
    "groups": (ProvisionedGroup, {}),
    "mappings": (RoleMapping, {}),
}
"""The list behind each number, and how it is narrowed."""


def _numbers(health: Health) -> dict[str, str]:
    """Return the counts as texts of the active language."""
    summary = health.summary
    counts = {
        "users": summary.users,
        "active": summary.active_users,
        "inactive": summary.inactive_users,
        "released": summary.released_users,
        "protected": health.protected_users,
        "tombstones": health.tombstones,
        "groups": summary.groups,
        "empty_groups": summary.empty_groups,
        "mappings": health.mappings,
        "drift": health.connection.drift_count,
    }
    return {name: whole(number) for name, number in counts.items() if number is not None}


def _last_request(health: Health) -> dict[str, Any] | None:
    """Return the latest change that was asked for, and how it ended."""
    event = health.last_request
    if event is None:
        return None
    return {
        "at": event.at,
        "kind": kind_label(event.action, event.resource_type),
        "outcome": event.get_outcome_display(),
    }
