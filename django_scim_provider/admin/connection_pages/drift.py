"""The page that shows what differs from what the identity provider said, and repairs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.connection_pages.difference_words import (
    difference_in_words,
    groups_named,
)
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS, asks_for_file, taken_by
from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.insight.downloads import ACTIONS, csv_answer
from django_scim_provider.insight.drift import (
    KEPT_REASONS,
    Difference,
    Divergence,
    Drift,
    DriftComparison,
    Kept,
)
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisionedGroup
from django_scim_provider.registry import get_registry

BATCH_SIZE = 100
FINDINGS = 100
"""A page ends after the batch with which it shows so many."""
SECONDS = 0.15
"""... or after the batch with which it took so long."""
MOST = 5000
"""Accounts and groups that one request repairs at most; the command has no limit."""
FILE_HEADER = ("who", "what", "is", "should_be", "left_as_it_is")


class RepairForm(forms.Form):
    """What a repair may do, and which of a connection's accounts and groups it looks at."""

    start = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    compared = forms.IntegerField(
        min_value=1, max_value=MOST, initial=MOST, required=False, widget=forms.HiddenInput
    )
    """How many accounts and groups the page had compared."""
    reopen = forms.BooleanField(
        label=_("Restore access that the project removed"),
        required=False,
        help_text=_(
            "Open log-ins and memberships, and give roles again, that the project took from "
            "people whom the identity provider calls active."
        ),
    )


class DriftPage(ConnectionPage):
    """Compares on GET, as far as one request may; on POST repairs as much, by its permission.

    Values are shown to those who may see accounts.
    """

    slug = "drift"
    title = _("Drift")
    entry = title
    permission = "scim_provider.view_providerconnection"
    template = "django_scim_provider/admin/drift.html"
    repairs = "scim_provider.repair_providerconnection"

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Compare and show, or repair and come back."""
        try:
            if request.method == "POST":
                return self._repair(request, connection)
            if asks_for_file(request):
                return cast(HttpResponse, self._file(request, connection))
            return self._compare(request, connection)
        except ValidationError as error:
            reason = " ".join(error.messages)
        except SCIMError as error:
            reason = error.detail
        self.model_admin.message_user(request, reason, messages.ERROR)
        return self.render(request, connection)

    def _compare(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        found: list[Divergence] = []
        start = request.GET.get("start") or None
        drift = comparison_of(connection).run(
            start=start, most=MOST, findings=FINDINGS, seconds=SECONDS, seen=found.append
        )
        return self.render(
            request,
            connection,
            drift=drift,
            rows=self._rows(request, found),
            form=RepairForm(initial={"start": start, "compared": drift.compared}),
            checks=self.others(request, connection).get("checks"),
            next_page=drift.position and "?" + urlencode({"start": drift.position}),
        )

    def _file(self, request: HttpRequest, connection: ProviderConnection) -> StreamingHttpResponse:
        """Return all that differs, a line for each difference, compared as the file is read."""

        models = _seen(request)

        def lines() -> Iterator[tuple[Any, ...]]:
            comparison, position, is_over = comparison_of(connection), None, False
            while not is_over:
                found: list[Divergence] = []
                drift = comparison.run(start=position, most=BATCH_SIZE, seen=found.append)
                position, is_over = drift.position, drift.position is None
                names, groups = _names(models, found), _groups(found)
                for finding in found:
                    for each in finding.differences:
                        shown = _shown(each, groups, values=True)
                        name = names.get(finding.key) or _id(finding)
                        left = shown["kept"] or ""
                        yield (name, shown["what"], shown.get("now"), shown.get("due"), left)

        export = taken_by(request, ACTIONS.EXPORT_DRIFT, [connection.provider_id])
        return csv_answer("drift", FILE_HEADER, lines(), export)

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template always shows."""
        return {
            "may_repair": request.user.has_perm(self.repairs),
            "may_see_values": request.user.has_perm(VIEW_ACCOUNTS),
            "is_usable": connection.is_usable,
        }

    def _repair(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        if not request.user.has_perm(self.repairs):
            raise PermissionDenied
        form = RepairForm(request.POST)
        if not form.is_valid():
            raise ValidationError([text for texts in form.errors.values() for text in texts])
        drift = comparison_of(connection, repair=True, reopen=form.cleaned_data["reopen"]).run(
            actor=self.actor(request),
            start=form.cleaned_data["start"] or None,
            most=form.cleaned_data["compared"] or MOST,
            findings=FINDINGS,
        )
        self.model_admin.log_change(request, connection, f"Repaired drift of {drift.repaired}.")
        self._tell(request, drift)
        query = "?" + urlencode({"start": drift.position}) if drift.position else ""
        return HttpResponseRedirect(self.address(connection) + query)

    def _tell(self, request: HttpRequest, drift: Drift) -> None:
        done = ngettext(
            "%(number)d account or group was repaired.",
            "%(number)d accounts and groups were repaired.",
            drift.repaired,
        )
        self.model_admin.message_user(request, done % {"number": drift.repaired}, messages.SUCCESS)
        if drift.refused:
            told = ngettext(
                "%(number)d could not be repaired; its event says why.",
                "%(number)d could not be repaired; their events say why.",
                drift.refused,
            )
            self.model_admin.message_user(
                request, told % {"number": drift.refused}, messages.WARNING
            )
        if drift.position:
            self.model_admin.message_user(request, gettext("There is more to compare."))

    def _rows(self, request: HttpRequest, found: list[Divergence]) -> list[dict[str, Any]]:
        """Return what the table shows: names of people and values only to those who may."""
        values = request.user.has_perm(VIEW_ACCOUNTS)
        names, groups = _names(_seen(request), found), _groups(found)
        return [
            {
                "name": names.get(finding.key) or _id(finding),
                "finding": finding,
                "is_account": values and finding.user_id is not None and finding.resource_id != "",
                "differences": [
                    _shown(each, groups, values=values) for each in finding.differences
                ],
            }
            for finding in found
        ]


def _seen(request: HttpRequest) -> list[type[Model]]:
    """Return the models whose rows the reader may see."""
    return [
        model
        for model in (LinkedAccount, ProvisionedGroup)
        if request.user.has_perm(f"scim_provider.view_{model._meta.model_name}")
    ]


def _names(models: Sequence[type[Model]], found: list[Divergence]) -> dict[Any, str]:
    """Return the names of accounts and groups, of those models whose rows the reader may see."""
    keys = [finding.key for finding in found if finding.resource_id]
    names: dict[Any, str] = {}
    for model, name in ((LinkedAccount, "user_name"), (ProvisionedGroup, "display_name")):
        if model in models:
            rows = model._default_manager.using(get_settings().DATABASE).filter(pk__in=keys)
            names |= dict(rows.values_list("pk", name))
    return names


def comparison_of(connection: ProviderConnection, **options: Any) -> DriftComparison:
    """Return the comparison of a connection, with the options of ``DriftComparison``."""
    registry = get_registry()
    return DriftComparison(
        connection,
        user_type=registry.by_name("User").resource_type,
        group_type=registry.by_name("Group").resource_type,
        batch_size=BATCH_SIZE,
        **options,
    )


def _id(finding: Divergence) -> str:
    if finding.resource_id:
        return finding.resource_id
    return gettext("user %(id)s, without account") % {"id": finding.user_id}


def _groups(found: list[Divergence]) -> dict[str, str]:
    return groups_named(each for finding in found for each in finding.differences)


def _shown(difference: Difference, groups: Mapping[str, str], *, values: bool) -> dict[str, Any]:
    shown = {
        "what": difference_in_words(difference, groups),
        "kept": None if difference.kept is None else KEPT_REASONS[Kept(difference.kept)],
    }
    if values and difference.name != "folded":
        shown |= {"now": _text(difference.now), "due": _text(difference.due)}
    return shown


def _text(value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value in ("", []):
        return gettext("(empty)")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return str(value)
