"""Tokens of a connection: what there is, a new one, and the end of one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.connections.forms.token_form import BaseTokenForm
from django_scim_provider.insight.conditions import EXPIRES_SOON
from django_scim_provider.models import SCIMToken
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.portal.page import PortalConnectionPage
from django_scim_provider.portal.shown_token import made_before, show_token

ENDED_SHOWN = 10


class NewTokenForm(BaseTokenForm):
    """What a new token is like."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].help_text = _("Only for you to read.")


class PortalTokensPage(PortalConnectionPage):
    """The live tokens and the latest that ended, by their public beginnings."""

    template = "django_scim_provider/portal/tokens.html"
    title = pgettext_lazy("of a connection", "Tokens")
    section = "tokens"

    def context(self) -> dict[str, Any]:
        """Return the tokens, without their secrets."""
        now = utc_now()
        rows = tokens_of(self)
        live = rows.live(now)
        return {
            "now": now,
            "live": [{"row": token, "ends_soon": is_near_its_end(token)} for token in live],
            "ended": list(rows.exclude(pk__in=live.values("pk"))[:ENDED_SHOWN]),
        }


class PortalNewTokenPage(PortalConnectionPage):
    """Asks on GET; on POST makes the token and shows it this once.

    The form names the key of the token, so that a page that is reloaded, which sends the form
    again, neither shows the token again nor makes another one.
    """

    template = "django_scim_provider/portal/new_token.html"
    title = _("Make a new token")
    section = "tokens"
    needs_recent_login = True
    changes = True
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return the form."""
        rotates = self.rotates()
        return {"form": NewTokenForm(initial={"key": uuid7()}, rotates=rotates), "rotates": rotates}

    def rotates(self) -> bool:
        """Tell whether there are tokens that the new one replaces."""
        return bool(tokens_of(self).live().exists())

    @sensitive_variables("wire")
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Make the token and show it."""
        sent_before = made_before(self.management, request.POST.get("key"))
        if sent_before is not None:
            return sent_before
        rotates = self.rotates()
        form = NewTokenForm(request.POST, rotates=rotates)
        if form.is_valid():
            found = self.connection
            try:
                token, wire = self.management.generate(
                    found.provider_id, found.organization_id, **form.arguments()
                )
            except ValidationError as error:
                form.add_error(None, ValidationError(error.messages))
            else:
                return show_token(self, token, wire)
        return self.show(form=form, rotates=rotates, status=400)


class PortalRevokePage(PortalConnectionPage):
    """Says on GET what revoking a token does; does it on POST."""

    template = "django_scim_provider/portal/revoke.html"
    title = _("Revoke a token")
    section = "tokens"
    needs_recent_login = True
    changes = True

    def prepare(self, **kwargs: Any) -> None:
        """Find the token among the live ones of the connection.

        Raises:
            ObjectDoesNotExist: there is no such token.
        """
        super().prepare(**kwargs)
        self.token = tokens_of(self).live().get(pk=kwargs["token"])

    def context(self) -> dict[str, Any]:
        """Return the token, and whether another one is left."""
        others = tokens_of(self).live().exclude(pk=self.token.pk)
        return {"token": self.token, "is_last": not others.exists()}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Revoke it."""
        self.management.revoke(self.token.pk)
        return self.go_to("tokens", done="revoked")


def tokens_of(page: PortalConnectionPage) -> Any:
    """Return the tokens of the page's connection, the latest first, without their secrets."""
    rows = SCIMToken.objects.using(page.management.using).filter(provider=page.connection)
    return rows.defer("secret").order_by("-pk")


def is_near_its_end(token: SCIMToken) -> bool:
    """Tell whether to warn about a token."""
    end = token.expires_at
    return end is not None and utc(end) - utc_now() < EXPIRES_SOON
