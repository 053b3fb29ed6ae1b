"""The page on which people record what a connection asks, read it, and try it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.ownership import is_kept_from
from django_scim_provider.admin.recorder_pages.exchanges import (
    answer_side,
    request_side,
    tried_row,
)
from django_scim_provider.admin.run_pages.run_forms import OwnCodeForm
from django_scim_provider.connections.base_url import scim_root_in_process
from django_scim_provider.connections.recordings.recording_switch import (
    MOST_HOURS,
    can_record,
    erase_recording,
    is_recorded,
    note_recording,
    start_recording,
    stop_recording,
)
from django_scim_provider.connections.recordings.replaying import replay
from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.models.upkeep.recorded_exchanges import MOST_EXCHANGES
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.recorder.keeping import forget_expired, kept_of, unsealed
from django_scim_provider.storage.resource_ids import is_id

PAGE = 50
RECORDS = "scim_provider.record_exchanges"
READS = "scim_provider.view_recorded_exchanges"
REPLAYS = "scim_provider.replay_recorded_exchanges"


class RecordingForm(forms.Form):
    """For how long, and how much."""

    hours = forms.IntegerField(
        label=_("Hours"), min_value=1, max_value=MOST_HOURS, initial=2,
        help_text=_("Then all of it is deleted."),
    )  # fmt: skip
    most = forms.IntegerField(
        label=_("Requests at most"), min_value=1, max_value=MOST_EXCHANGES, initial=200
    )


class RecorderPage(ConnectionPage):
    """Lists on GET, or shows one exchange; on POST switches, deletes, or tries again.

    Who may switch it need not be one who may read.
    """

    slug = "recorder"
    title = _("Recorder")
    entry = title
    permission = READS
    template = "django_scim_provider/admin/recorder.html"
    manages = True

    def route(self) -> URLPattern:
        """Return the route, outside of ATOMIC_REQUESTS: what is tried out has its own transaction.

        On SQLite it would wait for that of the request that asks for it.
        """
        found = super().route()
        found.callback = transaction.non_atomic_requests(found.callback)
        return found

    def is_permitted(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Let those in who may do one of the things that are done here."""
        may = any(request.user.has_perm(each) for each in (RECORDS, READS))
        return may and not is_kept_from(request.user, connection)

    def count(self, request: HttpRequest, connection: ProviderConnection) -> str:
        """Say beside the link, on each page of the connection, that it is recorded."""
        return gettext("on") if is_recorded(connection) else ""

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Show or act; as all pages of the admin, it is not stored by browsers."""
        if request.method == "POST":
            return self._act(request, connection)
        if "exchange" in request.GET:
            return self._read(request, connection)
        forget_expired(connection)
        return self.render(request, connection, **self._list(request, connection))

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template always shows."""
        has = request.user.has_perm
        return {
            "may_record": has(RECORDS),
            "may_read": has(READS),
            "may_replay": has(READS) and has(REPLAYS),
            "can_record": can_record(),
            "is_recorded": is_recorded(connection),
            "most_hours": MOST_HOURS,
            "form": self.laid_out(RecordingForm()),
            "replay_form": self._replay_form(),
        }

    def _list(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        asked = request.GET.get("start", "")
        start = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 0
        kept = kept_of(connection.provider_id)
        may_read = request.user.has_perm(READS)
        rows = list(kept.filter(number__gt=start)[: PAGE + 1].defer("sealed")) if may_read else []
        return {
            "number": kept.count(),
            "rows": rows[:PAGE],
            "next_page": f"?start={rows[PAGE - 1].number}" if len(rows) > PAGE else "",
        }

    def _exchange(self, key: str, connection: ProviderConnection) -> RecordedExchange:
        """Return one that is kept.

        Raises:
            Http404: the connection has none of that key any more.
        """
        found = kept_of(connection.provider_id).filter(pk=key).first() if is_id(key) else None
        if found is None:
            raise Http404
        return found

    @sensitive_variables()
    def _read(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        if not request.user.has_perm(READS):
            raise PermissionDenied
        row = self._exchange(request.GET["exchange"], connection)
        note_recording(connection, "read_recording", self.actor(request), request_id=row.request_id)
        told = unsealed(row)
        return self.render(
            request,
            connection,
            title=gettext("Recorded request %(number)s") % {"number": row.number},
            row=row,
            asked=None if told is None else request_side(told),
            answered=None if told is None else answer_side(row, told),
        )

    def _act(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        asked = request.POST.get("do", "")
        if asked in ("replay", "replay_all"):
            return self._replay(request, connection, asked)
        if asked not in ("start", "stop", "erase"):
            raise Http404
        if not request.user.has_perm(RECORDS):
            raise PermissionDenied
        if asked == "start":
            return self._start(request, connection)
        if asked == "stop":
            stop_recording(connection, actor=self.actor(request))
            told = gettext("Nothing more is recorded.")
        else:
            number = erase_recording(connection, actor=self.actor(request))
            told = ngettext(
                "%(number)d request was deleted.", "%(number)d requests were deleted.", number
            ) % {"number": number}
        return self._back(request, connection, asked, told)

    def _start(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        form = RecordingForm(request.POST)
        if form.is_valid():
            try:
                start_recording(connection, actor=self.actor(request), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self._back(request, connection, "start", gettext("It is recorded now."))
        return self.render(request, connection, form=form, **self._list(request, connection))

    def _back(
        self, request: HttpRequest, connection: ProviderConnection, asked: str, told: str
    ) -> HttpResponse:
        self.model_admin.log_change(request, connection, f"Recorder: {asked}.")
        self.model_admin.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.address(connection))

    @sensitive_variables()
    def _replay(
        self, request: HttpRequest, connection: ProviderConnection, asked: str
    ) -> HttpResponse:
        if not (request.user.has_perm(READS) and request.user.has_perm(REPLAYS)):
            raise PermissionDenied
        only = None
        if asked == "replay":
            only = self._exchange(request.POST.get("exchange", ""), connection)
        form: Any = OwnCodeForm(request.POST)
        if not form.is_valid():
            more = self._list(request, connection)
            form = self.laid_out(form)
            return self.render(request, connection, replay_form=form, **more)
        root = scim_root_in_process(f"{request.scheme}://{request.get_host()}")
        try:
            tried = replay(connection, root, names=get_registry().never_returned(), only=only)
        except DatabaseError:
            told = gettext("The database was busy, and nothing was tried. Try again.")
            self.model_admin.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(self.address(connection))
        finally:
            # Not before it: a request that had written would keep SQLite from it.
            note_recording(
                connection,
                "replay_recording",
                self.actor(request),
                request_id="" if only is None else only.request_id,
            )
        found = [tried_row(each) for each in tried]
        title = gettext("All requests, tried again")
        if only is not None:
            title = gettext("Request %(number)s, tried again") % {"number": only.number}
        return self.render(
            request,
            connection,
            title=title,
            tried=found,
            is_single=only is not None,
            differing=sum(each.comparison.differs for each in found),
        )

    def _replay_form(self) -> Any:
        form = OwnCodeForm()
        return self.laid_out(form) if form.fields else None
