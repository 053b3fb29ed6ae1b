"""The columns of the list of connections: texts and links, made of what was read for the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.overview.overview_list import OverviewRow
from django_scim_provider.admin.overview.overview_order import AS_OF_NOW, latest_use, number_of
from django_scim_provider.admin.overview.sparklines import HEIGHT
from django_scim_provider.insight.conditions import Condition, ends_soon
from django_scim_provider.insight.moments_told import ago, in_full
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import Failure, LinkedAccount, ProvisionedGroup
from django_scim_provider.models.moments import local

COLUMNS = (
    "connection_name",
    "badge",
    "failing",
    "last_contact",
    "people",
    "group_count",
    "drift",
    "token_end",
    "requests",
)
SYMBOLS = {
    Condition.HEALTHY: "●",
    Condition.FAILING: "▲",
    Condition.EXPIRING: "◆",
    Condition.QUIET: "○",
    Condition.NO_TOKEN: "✕",
    Condition.OWNER_INACTIVE: "✕",
    Condition.DISABLED: "‖",
    Condition.DECOMMISSIONED: "■",
}
"""Beside the word of a badge, for those who do not see its colour."""


_STATE = Case(
    When(decommissioned_at__isnull=False, then=Value(2)),
    When(enabled=False, then=Value(1)),
    default=Value(0),
)


class OverviewColumns:
    """Columns for ``ModelAdmin.list_display``; rows come from ``OverviewList``.

    Sorting by a figure counts it for all connections by an index, and only when somebody does it.
    No column has the name of a relation of the model, or Django would sort by that one.
    """

    @admin.display(description=_("connection"), ordering="provider_id")
    def connection_name(self, connection: Any) -> SafeString:
        """Return its name, its id, the product behind it, and whose it is."""
        row: OverviewRow = connection.overview
        id = connection.provider_id if connection.name else ""
        name = format_html('<span class="scim-name">{}</span>', str(connection))
        below = format_html('<span class="scim-below scim-quiet">{}</span>', id) if id else ""
        whose = f"{row.product} · {row.owner}" if row.owner else row.product
        return format_html('{}{}<span class="scim-below scim-whose">{}</span>', name, below, whose)

    @admin.display(description=_("state"), ordering=_STATE)
    def badge(self, connection: Any) -> Any:
        """Return a symbol and a word, and the whole sentence on hover."""
        row: OverviewRow = connection.overview
        found = row.headline
        shown = format_html(
            '<span class="scim-badge scim-is-{}" title="{}">'
            '<span aria-hidden="true">{}</span> {}</span>',
            found.condition.value,
            found.sentence,
            SYMBOLS[found.condition],
            found.badge,
        )
        if row.glance.last_contact is None and "setup" in row.addresses:
            return _linked(row, "setup", shown, _("Set-up of %(name)s"))
        return _linked(row, "health", shown, _("Health of %(name)s"))

    @admin.display(
        description=_("failing"),
        ordering=number_of(Failure.objects.filter(state=Failure.State.OPEN)),
    )
    def failing(self, connection: Any) -> SafeString:
        """Return how many people and groups fail now."""
        row: OverviewRow = connection.overview
        number = row.glance.failing
        shown = _linked(row, "failures", whole(number), _("Failures of %(name)s"))
        if number:
            shown = format_html('<strong class="scim-warning">{}</strong>', shown)
        return _cell(_("failing"), shown)

    @admin.display(description=_("last contact"), ordering=latest_use())
    def last_contact(self, connection: Any) -> SafeString:
        """Return how long ago the identity provider was heard."""
        glance = connection.overview.glance
        moment = glance.last_contact
        if moment is None:
            return _cell(_("last contact"), gettext("never"))
        return _cell(_("last contact"), _time(moment, ago(moment, glance.now, depth=1)))

    @admin.display(
        description=_("people"),
        ordering=number_of(LinkedAccount.objects.all()),  # without the released ones: no index
    )
    def people(self, connection: Any) -> SafeString:
        """Return how many people it has."""
        row: OverviewRow = connection.overview
        number = whole(row.glance.summary.users - row.glance.summary.released_users)
        return _cell(_("people"), _linked(row, "people", number, _("People of %(name)s")))

    @admin.display(description=_("groups"), ordering=number_of(ProvisionedGroup.objects.all()))
    def group_count(self, connection: Any) -> SafeString:
        """Return how many groups it has."""
        row: OverviewRow = connection.overview
        number = whole(row.glance.summary.groups)
        return _cell(_("groups"), _linked(row, "groups", number, _("Groups of %(name)s")))

    @admin.display(description=_("drift"), ordering=Coalesce("drift_count", -1))
    def drift(self, connection: Any) -> SafeString:
        """Return how many people and groups differ from what the identity provider said last."""
        row, count = connection.overview, connection.drift_count
        number = gettext("not compared") if count is None else whole(count)
        return _cell(_("drift"), _linked(row, "drift", number, _("Drift of %(name)s")))

    @admin.display(description=_("token"), ordering=AS_OF_NOW)
    def token_end(self, connection: Any) -> SafeString:
        """Return when the first of its live tokens ends."""
        row: OverviewRow = connection.overview
        shown: Any = _linked(row, "tokens", _end(row), _("Tokens of %(name)s"))
        return _cell(_("token"), shown)

    @admin.display(description=_("30 days"))
    def requests(self, connection: Any) -> SafeString:
        """Return the changes of 30 days as columns, and in words for those who do not see them."""
        found = connection.overview.requests
        drawn: Any = ""
        if found.all:
            drawn = format_html(
                '<svg class="scim-spark" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">'
                '<path class="scim-done-fill" d="{}"/>'
                '<path class="scim-failed-fill" d="{}"/></svg>',
                *(found.width, HEIGHT, found.all, found.problems),
            )
        words = format_html(
            '<span class="{}">{}</span>', "scim-hidden" if drawn else "scim-quiet", found.text
        )
        return format_html(
            '<span class="scim-days" title="{}">{}{}</span>', found.text, drawn, words
        )


def _cell(label: Any, shown: Any) -> SafeString:
    """Return what a cell shows, with its heading for narrow screens, which have no columns."""
    return format_html('<span class="scim-label">{}</span>{}', capfirst(label), shown)


def _linked(row: OverviewRow, slug: str, shown: Any, label: Any) -> Any:
    """Return a link to what is behind a figure, for those who may open it."""
    address = row.addresses.get(slug)
    if not address:
        return shown
    title = label % {"name": row.glance.connection}
    return format_html('<a href="{}" title="{}">{}</a>', address, title, shown)


def _time(moment: datetime, shown: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local(moment).isoformat(),
        in_full(moment),
        shown,
    )


def _end(row: OverviewRow) -> Any:
    glance = row.glance
    if not glance.tokens:
        return gettext("in the settings") if glance.has_settings_token else gettext("none")
    token = glance.tokens[0]
    if token.expires_at is None:
        return gettext("never ends")
    left = timeuntil(token.expires_at, glance.now, depth=1)
    shown = _time(token.expires_at, gettext("ends in %(left)s") % {"left": left})
    if ends_soon(token, glance):
        return format_html('<strong class="scim-warning">{}</strong>', shown)
    return shown
