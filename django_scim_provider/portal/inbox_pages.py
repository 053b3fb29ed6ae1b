"""Who cannot be provisioned, why, and what can be done about it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.confirming import CONFIRMED, Confirmed, Refused
from django_scim_provider.connections.failure_marks import MARKS, mark_failure
from django_scim_provider.insight.inbox import (
    DAYS,
    People,
    counts_by_state,
    failures_since,
    page_of,
    people_of,
    what_fails,
)
from django_scim_provider.models import Failure, LinkedAccount
from django_scim_provider.models.moments import as_held, utc_now
from django_scim_provider.portal.key_pages import asked_text
from django_scim_provider.portal.page import PortalConnectionPage, address_of
from django_scim_provider.portal.texts import failure_reason
from django_scim_provider.storage.failures.identities import are_kept, identity_of

STATES = Failure.State


class PortalFailuresPage(PortalConnectionPage):
    """One line a person and reason; what is done leaves the list by itself."""

    template = "django_scim_provider/portal/failures.html"
    title = _("Failures")
    section = "failures"

    def context(self) -> dict[str, Any]:
        """Return a page of failures, with whom they are about by statements for all."""
        state = self.request.GET.get("state", "")
        state = state if state in STATES.values else STATES.OPEN.value
        rows = failures_since(self.connection)
        page = page_of(rows, state, asked_text(self.request.GET.get("start")))
        people, counts = people_of(self.connection, page.failures), counts_by_state(rows)
        return {
            "lines": [self.line(failure, people) for failure in page.failures],
            "next_page": page.position,
            "state": state,
            "states": [(word, label, counts[word]) for word, label in STATES.choices],
            "days": DAYS,
            "forgotten": self.forgotten(),
            "now": as_held(utc_now()),
        }

    def forgotten(self) -> str:
        """Return what stands in the place of a name that is not known any more."""
        if not are_kept():
            return gettext("(not kept)")
        days = get_settings().FAILED_IDENTITIES
        text = ngettext("(removed after %(days)d day)", "(removed after %(days)d days)", days)
        return text % {"days": days}

    def line(self, failure: Failure, people: People) -> dict[str, Any]:
        """Return a failure in words; users of the project outside the connection are not named."""
        holder = people.in_the_way(failure)
        return {
            "failure": failure,
            "who": people.about(failure),
            "identity": identity_of(failure),
            "what": what_fails(failure),
            "holder": holder,
            "is_account": isinstance(holder, LinkedAccount),
            "reason": failure_reason(failure),
            "offers": [(word, CONFIRMED[word].title) for word in self.offered(failure, people)],
        }

    def offered(self, failure: Failure, people: People) -> list[str]:
        """Return what may be asked for; whether it can be done is looked at then."""
        of_people = failure.action == "create" and failure.resource_type == "User"
        closed = failure.state == STATES.DONE or not self.connection.is_usable
        if not of_people or closed or self.is_reserved or self.connection.organization_id is None:
            return []
        user = people.user_in_the_way(failure)
        left = people.tombstones.get(failure.collides_id) if user is not None else None
        away = people.in_the_way(failure) if people.is_away(failure) else left
        if getattr(away, "external_id", None) is not None:
            return ["bring-back"]
        links = user is not None and left is None and get_settings().LINK_EXISTING_USERS
        return ["link"] if links else []

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ignore a failure, or take it up again."""
        asked = request.POST.get("do", "")
        if asked not in MARKS:
            raise Http404
        mark_failure(find_failure(self, request.POST.get("failure")), asked, actor=self.person)
        return self.go_to("failures", done=asked)


class PortalMendPage(PortalConnectionPage):
    """Asks on GET whether somebody is the same person, and acts on POST.

    Why something cannot be done is not told: it may be about the project's own staff.
    """

    template = "django_scim_provider/portal/mend.html"
    section = "failures"
    changes = True

    def prepare(self, **kwargs: Any) -> None:
        """Find the failure and what is to be done.

        Raises:
            Http404: there is none of either, or it is not for the portal.
        """
        super().prepare(**kwargs)
        kind = CONFIRMED.get(kwargs["do"])
        if kind is None or self.connection.organization_id is None:
            raise Http404
        failure = find_failure(self, str(kwargs["failure"]))
        self.asked: Confirmed = kind(self.person, self.connection, failure)
        if not self.asked.is_permitted():
            raise Http404
        self.title = str(kind.title)

    def context(self) -> dict[str, Any]:
        """Return what will happen; None where nothing can."""
        try:
            told: list[str] | None = self.asked.explanation()
        except Refused:
            told = None
        return {"told": told, "back": address_of("failures", self.connection)}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it."""
        try:
            self.asked.act()
        except Refused:
            return self.show(told=None, status=400)
        return self.go_to("failures", done="mended")


def find_failure(page: PortalConnectionPage, key: str | None) -> Failure:
    """Return a failure of the page's connection.

    Raises:
        Http404: there is none of that key.
    """
    rows = Failure.objects.using(page.management.using).filter(provider=page.connection)
    try:
        return rows.get(pk=key or "")
    except (Failure.DoesNotExist, ValueError, ValidationError) as error:
        raise Http404 from error
