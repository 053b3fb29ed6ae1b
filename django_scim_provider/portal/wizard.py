"""Connecting a directory: choose the identity provider, name it, get the address and the token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.connections.instructions import INSTRUCTIONS
from django_scim_provider.connections.management import Management
from django_scim_provider.models.connection_profiles import known_profiles, shipped_names
from django_scim_provider.models.keys import uuid7
from django_scim_provider.organizations.naming import organization_names
from django_scim_provider.portal.page import PortalPage
from django_scim_provider.portal.shown_token import made_before, show_token
from django_scim_provider.portal.texts import product_name
from django_scim_provider.validators import MAX_NOTE_LENGTH


class NameForm(forms.Form):
    """What the connection is called, and whose it is."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    """The key of the token's row; the form makes one connection however often it is sent."""
    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_NOTE_LENGTH,
        help_text=_("As you and your colleagues will find it again."),
    )
    organization = forms.ChoiceField(label=_("Organization"))

    def __init__(self, *args: Any, organizations: dict[str, str], **kwargs: Any) -> None:
        """Ask for the organization only where there are several to choose from."""
        super().__init__(*args, **kwargs)
        self.only = next(iter(organizations), None) if len(organizations) < 2 else ""
        if self.only != "":
            del self.fields["organization"]
        else:
            self.fields["organization"].choices = list(organizations.items())  # type: ignore[attr-defined]  # of its own class

    @property
    def organization_id(self) -> str | None:
        """Return the organization that was chosen, or the only one; None where there are none."""
        return self.cleaned_data["organization"] if self.only == "" else self.only


class PortalChoicePage(PortalPage):
    """The identity providers to choose from."""

    template = "django_scim_provider/portal/choose.html"
    title = _("Connect a directory")

    def prepare(self, **kwargs: Any) -> None:
        """Refuse whoever could not finish.

        Raises:
            PermissionDenied: the person manages no organization.
        """
        refuse_strangers(self.management)

    def context(self) -> dict[str, Any]:
        """Return the identity providers, those with steps of their own first."""
        return {
            "offered": [
                {"product": product, "address": reverse("scim-portal:connect", args=[name])}
                for name, product in offered().items()
            ]
        }


class PortalConnectPage(PortalPage):
    """Asks for the name on GET; on POST makes connection and token, and shows the token once."""

    template = "django_scim_provider/portal/name.html"
    needs_recent_login = True

    def prepare(self, **kwargs: Any) -> None:
        """Find the identity provider.

        Raises:
            Http404: there is none of that name.
            PermissionDenied: the person manages no organization.
        """
        refuse_strangers(self.management)
        self.profile, products = kwargs["profile"], offered()
        if self.profile not in products:
            raise Http404
        self.product = products[self.profile]
        self.title = gettext("Connect %(product)s") % {"product": self.product}

    def form(self, data: Any = None) -> NameForm:
        """Return the form, with the name of the product to begin with."""
        names = dict(organization_names(self.management.managed_organizations()))
        initial = {"key": uuid7(), "name": self.product}
        return NameForm(data, initial=initial, organizations=names)

    def context(self) -> dict[str, Any]:
        """Return the form."""
        return {"form": self.form()}

    @sensitive_variables("wire")
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Make the connection and show its token."""
        sent_before = made_before(self.management, request.POST.get("key"))
        if sent_before is not None:
            return sent_before
        form = self.form(request.POST)
        if form.is_valid():
            try:
                token, wire = self.management.generate(
                    provider_id_for(self.profile, form.cleaned_data["key"]),
                    form.organization_id,
                    key=form.cleaned_data["key"],
                    profile=self.profile,
                    name=form.cleaned_data["name"],
                )
            except ValidationError as error:
                form.add_error(None, ValidationError(error.messages))
            except PermissionDenied as error:
                form.add_error(None, str(error))
            else:
                return show_token(self, token, wire)
        return self.show(form=form, status=400)


def offered() -> dict[str, str]:
    """Return the products to choose from by the names of their profiles."""
    products = {name: found.product for name, found in INSTRUCTIONS.items()}
    own = [name for name in known_profiles() if name not in shipped_names()]
    own_products = {name: product_name(name) for name in own}
    return {**products, **own_products, "generic": gettext("Another identity provider")}


def provider_id_for(profile: str, key: UUID) -> str:
    """Return an id that nobody has, which is the same however often a form is sent."""
    return f"{profile}-{key.hex[-8:]}"


def may_connect(management: Management) -> bool:
    """Tell whether the person could make a connection: for an organization, where there are any."""
    return management.organizations is None or bool(management.managed_organizations())


def refuse_strangers(management: Management) -> None:
    """Let nobody begin who could not finish.

    Raises:
        PermissionDenied: the person manages no organization.
    """
    if not may_connect(management):
        raise PermissionDenied(
            gettext("Only those who manage an organization can connect a directory.")
        )
