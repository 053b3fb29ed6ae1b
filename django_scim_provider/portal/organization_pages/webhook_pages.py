"""Webhooks of a connection: addresses of the organization that are told of its people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.models import OutboxMessage, WebhookEndpoint
from django_scim_provider.models.keys import uuid7
from django_scim_provider.portal.page import PortalConnectionPage, is_recent
from django_scim_provider.webhooks import endpoint_service
from django_scim_provider.webhooks.endpoint_forms import WebhookActionForm, WebhookForm
from django_scim_provider.webhooks.endpoint_rows import (
    endpoints_of,
    in_words,
    kind_title,
    rows_of,
)

LATEST = 20
"""Messages that are shown of each state."""
Fate = OutboxMessage.Fate


class PortalWebhooksPage(PortalConnectionPage):
    """The webhooks with their latest messages; on POST does what a button says."""

    template = "django_scim_provider/portal/webhooks.html"
    title = _("Webhooks")
    section = "webhooks"

    def context(self) -> dict[str, Any]:
        """Return the webhooks and what went out lately, by the same statements for any number."""
        endpoints = endpoints_of(self.connection, with_those_of_all=False)
        return {
            "webhooks": rows_of(endpoints) if endpoints else [],
            "messages": self._messages(endpoints) if endpoints else [],
            "has_encryption": ENCRYPTION_AVAILABLE,
        }

    def _messages(self, endpoints: list[WebhookEndpoint]) -> list[dict[str, Any]]:
        """Return the latest messages of each state, the newest first, by one statement each.

        A statement looks into one state of one webhook at a time, as the index has them.
        """
        rows = OutboxMessage.objects.using(self.management.using).defer("payload")
        found: list[OutboxMessage] = []
        keys = [each.pk for each in endpoints]
        for state in Fate:
            found += rows.filter(endpoint__in=keys, state=state).order_by("-pk")[:LATEST]
        addresses = {each.pk: each.address for each in endpoints}
        return [
            {
                "message": each,
                "kind": kind_title(each.kind),
                "address": addresses[each.endpoint_id],
                "is_dead": each.state == Fate.DEAD,
                "problem": in_words(each.last_status, each.last_problem)
                if each.state != Fate.DONE
                else "",
            }
            for each in sorted(found, key=lambda each: each.pk, reverse=True)[:LATEST]
        ]

    @sensitive_variables("secret")
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what the button says.

        Raises:
            Http404: there is no such webhook of the connection, or no such button.
        """
        form = WebhookActionForm(request.POST)
        if not form.is_valid():
            raise Http404
        asked, actor = form.cleaned_data, self.person
        action, endpoint = asked["action"], self._endpoint(asked["endpoint"])
        if action == "rotate":
            if not is_recent(request):
                return self.ask_for_log_in(request)
            secret = endpoint_service.rotate_secret(endpoint, known=asked["known"], actor=actor)
            return show_secret(self, endpoint, secret)
        if action == "test":
            endpoint_service.send_test(endpoint, self.connection)
        elif action == "resend":
            endpoint_service.resend(endpoint, only=asked["message"], actor=actor)
        elif action == "remove":
            endpoint_service.remove_endpoint(endpoint, actor=actor)
        else:
            endpoint_service.switch_endpoint(endpoint, enabled=action == "enable", actor=actor)
        return self.go_to("webhooks", done=f"webhook-{action}")

    def _endpoint(self, key: UUID) -> WebhookEndpoint:
        rows = WebhookEndpoint.objects.using(self.management.using)
        found = rows.filter(pk=key, provider=self.connection).first()
        if found is None:
            raise Http404
        return found


class PortalNewWebhookPage(PortalConnectionPage):
    """Asks on GET; on POST makes the webhook and shows its secret this once."""

    template = "django_scim_provider/portal/new_webhook.html"
    title = _("Add a webhook")
    section = "webhooks"
    needs_recent_login = True
    changes = True

    def context(self) -> dict[str, Any]:
        """Return the form."""
        return {
            "form": WebhookForm(initial={"key": uuid7()}, may_be_of_all=False),
            "has_encryption": ENCRYPTION_AVAILABLE,
        }

    @sensitive_variables("secret")
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Make it; a form that is sent again makes no second one."""
        form = WebhookForm(request.POST, may_be_of_all=False)
        if form.is_valid():
            answers = form.cleaned_data
            try:
                endpoint, secret = endpoint_service.add_endpoint(
                    self.connection,
                    answers["address"],
                    kinds=answers["kinds"],
                    actor=self.person,
                    key=answers["key"],
                )
            except ValidationError as error:
                form.add_error("address", error)
            else:
                return show_secret(self, endpoint, secret)
        return self.show(form=form, status=400)


@sensitive_variables("secret")
def show_secret(page: PortalConnectionPage, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    """Return the page with the secret; what it answers is not kept, and not shown again."""
    shown = {"title": gettext("The secret of the webhook"), "made": endpoint, "secret": secret}
    return page.fill("django_scim_provider/portal/webhook_secret.html", shown)
