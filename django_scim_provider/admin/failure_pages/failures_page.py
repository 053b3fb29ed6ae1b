"""The page of failures of a connection: who cannot be provisioned, why, and what to press."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.navigation import shown
from django_scim_provider.admin.failure_pages.lines import Line, Lines
from django_scim_provider.admin.switches import PREFIX, TEXTS
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.confirming import (
    CONFIRMED,
    Confirmed,
    Refused,
)
from django_scim_provider.connections.failure_marks import MARKS, mark_failure
from django_scim_provider.connections.linking import LinkRefusal, is_entitled
from django_scim_provider.core.profiles import GENERIC, Profile
from django_scim_provider.insight.inbox import (
    DAYS,
    People,
    counts_by_state,
    failures_since,
    find_person,
    page_of,
    people_of,
)
from django_scim_provider.models import Failure, ProviderConnection
from django_scim_provider.models.connection_profiles import (
    UnknownProfile,
    is_from_settings,
    profile_in_force,
    stored_profile,
)
from django_scim_provider.storage.failures.identities import are_kept
from django_scim_provider.storage.resource_ids import is_id

STATES = Failure.State
KEPT = ("state", "period", "q")
"""What of the address says which failures are listed."""


class FailuresPage(ConnectionPage):
    """Lists on GET; on POST ignores, reopens, or does what was asked about on a page of its own."""

    slug = "failures"
    title = _("Failures")
    entry = _("Failures")
    permission = "scim_provider.view_failure"
    changes = "scim_provider.change_failure"
    template = "django_scim_provider/admin/failures.html"

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """List, ask, or act and come back."""
        asked = request.POST.get("do") or request.GET.get("do") or ""
        if asked in CONFIRMED:
            return self._confirmed(request, connection, CONFIRMED[asked])
        if request.method == "POST":
            return self._mark(request, connection, asked)
        return self._list(request, connection)

    def _list(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        state = request.GET.get("state", "")
        state = state if state in STATES else STATES.OPEN.value
        all_time, text = request.GET.get("period") == "all", request.GET.get("q", "").strip()
        failures = failures_since(connection, all_time=all_time)
        if text and "\x00" not in text:
            failures = find_person(failures, connection, text)
        counts = counts_by_state(failures)
        found = page_of(failures, state, request.GET.get("start"))
        people = people_of(connection, found.failures)
        lines = Lines(request, self.model_admin.admin_site, _profile_of(connection))
        told = [lines.line(each, people) for each in found.failures]
        for line in told:
            line.offers = self._offers(request, connection, line, people)
        here = {"state": state, "period": "all" if all_time else "", "q": text}
        return self.render(
            request,
            connection,
            lines=told,
            states=[
                {
                    "title": STATES(each).label,
                    "count": shown(counts[each]),
                    "is_current": each == state,
                    "query": _query(here, state=each),
                }
                for each in (STATES.OPEN, STATES.DONE, STATES.IGNORED)
            ],
            state=state,
            period="all" if all_time else "",
            periods=[
                ("", gettext("the last %(days)s days") % {"days": DAYS}),
                ("all", gettext("all time")),
            ],
            text=text,
            query=_query(here),
            next_page=found.position and _query(here, start=found.position),
        )

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template always shows."""
        has = request.user.has_perm
        may_switch = has("scim_provider.change_providerconnection")
        settings_are_here = may_switch and not is_from_settings(connection.provider_id)
        return {
            "may_change": has(self.changes),
            "switches": self.model_admin.address_of(connection) if settings_are_here else "",
            "switch_prefix": PREFIX,
            "switch_texts": {name: texts[0] for name, texts in TEXTS.items()},
            "days": get_settings().FAILED_IDENTITIES,
            "are_kept": are_kept(),
        }

    def _offers(
        self, request: HttpRequest, connection: ProviderConnection, line: Line, people: People
    ) -> list[tuple[str, Any]]:
        """Return what the reader may ask for; whether it can be done is looked at then."""
        failure = line.failure
        closed = failure.state == STATES.DONE or not connection.is_usable
        if closed or failure.action != "create" or not is_entitled(request.user, connection):
            return []
        offers: list[tuple[str, Any]] = []
        left = people.tombstones.get(failure.collides_id) if line.collides_with_user else None
        away = people.in_the_way(failure) if line.is_away else left
        if getattr(away, "external_id", None) is not None and failure.resource_type == "User":
            offers.append(("bring-back", CONFIRMED["bring-back"].title))
        if line.user is not None and left is None:
            if get_settings().LINK_EXISTING_USERS:
                offers.append(("link", CONFIRMED["link"].title))
            else:
                line.note = LinkRefusal.POLICY
        return offers

    def _failure(self, request: HttpRequest, connection: ProviderConnection) -> Failure:
        """Return the failure that the request is about.

        Raises:
            Http404: the connection has none of that key.
        """
        key = request.POST.get("failure") or request.GET.get("failure") or ""
        rows = Failure.objects.using(get_settings().DATABASE)
        own = rows.filter(provider=connection.provider_id)
        found = own.filter(pk=key).first() if is_id(key) else None
        if found is None:
            raise Http404
        return found

    def _mark(
        self, request: HttpRequest, connection: ProviderConnection, asked: str
    ) -> HttpResponse:
        if not request.user.has_perm(self.changes):
            raise PermissionDenied
        if asked not in MARKS:
            raise Http404
        failure = self._failure(request, connection)
        if mark_failure(failure, asked, actor=self.actor(request)):
            self.model_admin.log_change(request, connection, f"{MARKS[asked][2]}: {failure.pk}")
            ignored, open_again = gettext("The failure is ignored."), gettext("It is open again.")
            told = ignored if asked == "ignore" else open_again
            self.model_admin.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self._back(request, connection))

    def _confirmed(
        self, request: HttpRequest, connection: ProviderConnection, kind: type[Confirmed]
    ) -> HttpResponse:
        """Ask on GET; act on POST."""
        asked = kind(self.actor(request), connection, self._failure(request, connection))
        if not asked.is_permitted():
            raise PermissionDenied
        try:
            if request.method != "POST":
                told, back = asked.explanation(), self._back(request, connection)
                title = kind.title
                return self.render(
                    request, connection, explanation=told, title=title, button=title, back=back
                )
            done = asked.act()
        except Refused as refusal:
            self.model_admin.message_user(request, str(refusal), messages.ERROR)
        else:
            self.model_admin.log_change(request, connection, f"{kind.logged} {asked.failure.pk}")
            self.model_admin.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(self._back(request, connection))

    def _back(self, request: HttpRequest, connection: ProviderConnection) -> str:
        return self.address(connection) + _query({name: request.GET.get(name) for name in KEPT})


def _query(here: dict[str, Any], **more: Any) -> str:
    """Return the query of the list, with what is not as it is without."""
    told = {name: value for name, value in (here | more).items() if value}
    return "?" + urlencode(told)


def _profile_of(connection: ProviderConnection) -> Profile:
    """Return the profile in force; one that is declared no more offers nothing."""
    try:
        return profile_in_force(*stored_profile(connection))
    except UnknownProfile:
        return GENERIC
