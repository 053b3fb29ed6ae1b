"""The page on which people check a connection, and see how checks went."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.run_pages.performing import start
from django_scim_provider.admin.run_pages.run_forms import SimulatorForm, has_tools
from django_scim_provider.admin.run_pages.run_rows import RunRow, row_of
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.run_keeping import begin_run, recent_runs
from django_scim_provider.models import CheckRun, ProviderConnection
from django_scim_provider.models.upkeep.check_runs import UNDER_WAY
from django_scim_provider.storage.transactions import after_commit

EXPLANATIONS = {
    CheckRun.Kind.DOCTOR: _(
        "Asks this deployment as an identity provider does, from outside where its address is set: "
        "encryption, proxies, paths, media types and what it says of itself. It only reads."
    ),
    CheckRun.Kind.SIMULATOR: _(
        "Plays a product with invented people against the settings of this connection: they are "
        "found, made, changed, grouped, deactivated. All of it is undone; no person of this or "
        "another connection is touched, and nobody is told."
    ),
    CheckRun.Kind.DRIFT: _(
        "Compares everybody whom the identity provider pushed with the users, memberships and "
        "roles of the project. Nothing is changed."
    ),
}


class ChecksPage(ConnectionPage):
    """Shows what runs found; on POST starts one, which goes on by itself."""

    slug = "checks"
    title = _("Checks")
    entry = title
    permission = "scim_provider.run_checks"
    template = "django_scim_provider/admin/checks.html"

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Show, or start a run."""
        if request.method == "POST":
            return self._start(request, connection)
        return self.render(request, connection)

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template always shows."""
        runs: dict[str, list[RunRow]] = {kind: [] for kind in CheckRun.Kind.values}
        for run in recent_runs(connection):
            runs[run.kind].append(row_of(run))
        is_running = any(row.run.state in UNDER_WAY for rows in runs.values() for row in rows)
        return {
            "kinds": [
                {
                    "kind": kind.value,
                    "title": kind.label,
                    "explanation": EXPLANATIONS[kind],
                    "why_not": self._why_not(kind, connection),
                    "is_running": any(row.run.state in UNDER_WAY for row in runs[kind]),
                    "latest": next(iter(runs[kind]), None),
                    "earlier": runs[kind][1:],
                }
                for kind in CheckRun.Kind
            ],
            "simulator_form": self._form(connection),
            "is_running": is_running,
            "is_on_network": get_settings().BASE_URL is not None,
            "shows_people": request.user.has_perm(VIEW_ACCOUNTS),
        }

    def render(
        self, request: HttpRequest, connection: ProviderConnection, **more: Any
    ) -> HttpResponse:
        """Return the page; a form that was sent is laid out as all are."""
        if "simulator_form" in more:
            more["simulator_form"] = self.laid_out(more["simulator_form"])
        return super().render(request, connection, **more)

    def _form(self, connection: ProviderConnection) -> Any:
        return self.laid_out(SimulatorForm(connection=connection))

    def _why_not(self, kind: str, connection: ProviderConnection) -> str:
        """Return why a run cannot be made here, or nothing."""
        if kind == CheckRun.Kind.DRIFT:
            return ""
        if not has_tools():
            return gettext(
                "This needs the extra “tools”, which is not installed. Whoever runs the project "
                "can install it."
            )
        asks_network = get_settings().BASE_URL is not None
        if kind == CheckRun.Kind.DOCTOR and asks_network and get_settings().TOKEN_VERIFIER:
            return gettext(
                "This project checks tokens by code of its own, so that none can be made for the "
                "run."
            )
        return ""

    def _start(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        kind = request.POST.get("kind", "")
        if kind not in CheckRun.Kind.values or self._why_not(kind, connection):
            raise Http404
        options: dict[str, Any] = {"origin": f"{request.scheme}://{request.get_host()}"}
        if kind == CheckRun.Kind.SIMULATOR:
            form = SimulatorForm(request.POST, connection=connection)
            if not form.is_valid():
                return self.render(request, connection, simulator_form=form)
            options |= {name: form.cleaned_data[name] for name in ("product", "people")}
        run = begin_run(connection, kind, options, self.actor(request))
        if run is None:
            told = gettext("It runs already; wait for its end.")
            self.model_admin.message_user(request, told, messages.WARNING)
        else:
            self.model_admin.log_change(request, connection, f"Ran {kind}.")
            # The other process sees the run once it is committed.
            after_commit(get_settings().DATABASE, partial(start, run))
        return HttpResponseRedirect(self.address(connection))
