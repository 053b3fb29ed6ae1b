"""A page of the list of connections, with what is known of those on it and of no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext

from django_scim_provider.admin.console.navigation import list_address
from django_scim_provider.admin.overview.overview_order import AS_OF_NOW, soonest_end
from django_scim_provider.admin.overview.sparklines import Sparkline, sparkline
from django_scim_provider.insight.at_a_glance.glances import Glance, glances
from django_scim_provider.insight.at_a_glance.tallies import daily_requests
from django_scim_provider.insight.condition_texts import Headline, headline
from django_scim_provider.models import LinkedAccount, ProvisionedGroup, SCIMToken
from django_scim_provider.models.connection_profiles import profile_titles
from django_scim_provider.models.moments import as_held, utc_now
from django_scim_provider.organizations.naming import organization_names


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRow:
    """What the list shows of one connection, for its reader."""

    glance: Glance
    headline: Headline
    product: str
    owner: str
    """The name of its organization, else of its owner; empty where nobody has it."""
    requests: Sparkline
    addresses: dict[str, str]
    """What the reader may open of it, by the slugs of the navigation."""


class OverviewList(ChangeList):
    """Reads the page, then what is known of its connections, by statements for all of them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.title = gettext("Directory connections")

    def get_results(self, request: HttpRequest) -> None:
        """Give each connection on the page its row, as the attribute ``overview``."""
        super().get_results(request)
        found: list[Any] = list(self.result_list)
        if found:
            _add_rows(request, self.model_admin, found)
        self.result_list: Any = found

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return by what a column sorts; the end of tokens is that of those that live now."""
        found = super().get_ordering_field(field_name)
        return soonest_end(as_held(utc_now())) if found is AS_OF_NOW else found

    @property
    def is_untouched(self) -> bool:
        """Tell whether there is nothing in the list because there is nothing at all."""
        return not self.result_count and not self.has_active_filters and not self.query


def _add_rows(request: HttpRequest, model_admin: ModelAdmin[Any], connections: list[Any]) -> None:
    seen = glances(connections)
    requests = daily_requests([each.provider_id for each in connections], seen[0].now)
    names = organization_names([each.organization_id for each in connections])
    titles = profile_titles()
    lists, site = _lists(request, model_admin), model_admin.admin_site
    for connection, glance in zip(connections, seen, strict=True):
        owner = names.get(str(connection.organization_id), "")
        if not owner and connection.owner is not None:
            owner = connection.owner.get_username()
        connection.overview = OverviewRow(
            glance=glance,
            headline=headline(glance),
            product=str(titles.get(connection.profile, connection.profile)),
            owner=owner,
            requests=sparkline(requests[connection.provider_id]),
            addresses={
                **_pages(request, model_admin, connection),
                **{
                    slug: list_address(site, model, connection.provider_id, **asked)
                    for slug, (model, asked) in lists.items()
                },
            },
        )


_LISTS: dict[str, tuple[type[Model], dict[str, str]]] = {
    "people": (LinkedAccount, {"released_at__isempty": "1"}),
    "groups": (ProvisionedGroup, {}),
    "tokens": (SCIMToken, {"revoked_at__isnull": "True"}),
}
"""Lists behind the figures of the row, and how they are narrowed beside the connection."""
_PAGES = ("setup", "health", "failures", "drift")


def _lists(request: HttpRequest, model_admin: ModelAdmin[Any]) -> dict[str, Any]:
    """Return those that the reader may see."""
    site = model_admin.admin_site
    return {
        slug: (model, asked)
        for slug, (model, asked) in _LISTS.items()
        if site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)
    }


def _pages(request: HttpRequest, model_admin: Any, connection: Any) -> dict[str, str]:
    """Return the pages behind the row that the reader may open."""
    return {
        page.slug: page.address(connection)
        for page in model_admin.pages()
        if page.slug in _PAGES and page.is_offered(request, connection)
    }
