"""The page of a connection about notices and webhooks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.notice_pages.dead_letters import dead_letters
from django_scim_provider.admin.recent_log_in import is_recent, refuse_old_log_in, send_to_log_in
from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, WebhookEndpoint
from django_scim_provider.models.keys import uuid7
from django_scim_provider.notices.mails import sentence_of
from django_scim_provider.notices.telling import notices_of
from django_scim_provider.webhooks import endpoint_service
from django_scim_provider.webhooks.endpoint_forms import WebhookActionForm, WebhookForm
from django_scim_provider.webhooks.endpoint_rows import endpoints_of, rows_of


class NoticesPage(ConnectionPage):
    """Shows what people were told and the webhooks; on POST does what a button says.

    A secret is shown once, on a page that is not stored. A page that is sent again makes no second
    webhook and rotates no second time.
    """

    slug = "notices"
    title = _("Notices and webhooks")
    entry = _("Notices")
    permission = "scim_provider.manage_webhooks"
    template = "django_scim_provider/admin/notices.html"
    manages = True

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Show, or act."""
        if request.method != "POST":
            return self.render(request, connection)
        if request.POST.get("action") == "log_in":
            site = self.model_admin.admin_site
            return send_to_log_in(request, site, self.address(connection))
        if request.POST.get("action") == "add":
            return self._add(request, connection)
        return self._act(request, connection)

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template always shows."""
        endpoints = endpoints_of(connection, with_those_of_all=request.user.is_superuser)
        notices, site = notices_of(connection), self.model_admin.admin_site
        return {
            "notices": [(notice, sentence_of(notice)) for notice in notices],
            "webhooks": rows_of(endpoints) if endpoints else [],
            "dead": dead_letters(connection, endpoints, site) if endpoints else [],
            "form": self.laid_out(self._form(request)),
            "is_recent": is_recent(request),
            "has_encryption": ENCRYPTION_AVAILABLE,
        }

    def _form(self, request: HttpRequest, data: Any = None) -> WebhookForm:
        may = bool(request.user.is_superuser)
        return WebhookForm(data, initial={"key": uuid7()}, may_be_of_all=may)

    @sensitive_variables("secret")
    def _add(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        refuse_old_log_in(request)
        form = self._form(request, request.POST)
        if form.is_valid():
            answers = form.cleaned_data
            try:
                endpoint, secret = endpoint_service.add_endpoint(
                    None if answers.get("of_all") else connection,
                    answers["address"],
                    kinds=answers["kinds"],
                    actor=self.actor(request),
                    key=answers["key"],
                )
            except ValidationError as error:
                form.add_error("address", error)
            else:
                self.model_admin.log_change(request, connection, f"Added webhook {endpoint.pk}.")
                return self._show(request, connection, endpoint, secret)
        return self.render(request, connection, form=form)

    @sensitive_variables("secret")
    def _act(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        form = WebhookActionForm(request.POST)
        if not form.is_valid():
            raise Http404
        asked = form.cleaned_data
        endpoint = self._endpoint(request, connection, asked["endpoint"])
        action, actor = asked["action"], self.actor(request)
        if action == "rotate":
            refuse_old_log_in(request)
            try:
                secret = endpoint_service.rotate_secret(endpoint, known=asked["known"], actor=actor)
            except ValidationError as error:
                return self._back(request, connection, " ".join(error.messages), messages.WARNING)
            self.model_admin.log_change(request, connection, f"Rotated webhook {endpoint.pk}.")
            return self._show(request, connection, endpoint, secret)
        if action == "test":
            endpoint_service.send_test(endpoint, connection)
            return self._back(request, connection, gettext("A test message waits to be sent."))
        if action == "resend":
            number = endpoint_service.resend(endpoint, only=asked["message"], actor=actor)
            text = ngettext(
                "%(number)d message waits to be sent again.",
                "%(number)d messages wait to be sent again.",
                number,
            ) % {"number": number}
        elif action == "remove":
            endpoint_service.remove_endpoint(endpoint, actor=actor)
            text = gettext("The webhook was removed.")
        else:
            enabled = action == "enable"
            endpoint_service.switch_endpoint(endpoint, enabled=enabled, actor=actor)
            on, off = gettext("The webhook is enabled."), gettext("The webhook is disabled.")
            text = on if enabled else off
        self.model_admin.log_change(request, connection, f"{action} webhook {endpoint.pk}.")
        return self._back(request, connection, text)

    def _endpoint(
        self, request: HttpRequest, connection: ProviderConnection, key: Any
    ) -> WebhookEndpoint:
        """Return a webhook that the reader may change.

        Raises:
            Http404: there is none.
        """
        found = WebhookEndpoint.objects.using(get_settings().DATABASE).filter(pk=key).first()
        own = found is not None and found.provider_id == connection.provider_id
        of_all = found is not None and found.provider_id is None and request.user.is_superuser
        if found is None or not (own or of_all):
            raise Http404
        return found

    def _back(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        text: str,
        level: int = messages.SUCCESS,
    ) -> HttpResponse:
        self.model_admin.message_user(request, text, level)
        return HttpResponseRedirect(self.address(connection))

    @sensitive_variables("secret")
    def _show(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        endpoint: WebhookEndpoint,
        secret: str,
    ) -> HttpResponse:
        """Return the page with the secret, which nobody may keep."""
        shown = {"title": gettext("The secret of the webhook"), "made": endpoint, "secret": secret}
        response = self.render(request, connection, **shown)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        return response
