"""Pages of one connection in the admin, beside the one that Django makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from django_scim_provider.admin.console.navigation import console_of, list_address
from django_scim_provider.admin.ownership import is_kept_from
from django_scim_provider.models import LinkedAccount, ProviderConnection

if TYPE_CHECKING:
    from django_scim_provider.admin.connections import ProviderConnectionAdmin
    from django_scim_provider.admin.ownership import OwnedAdmin


class ConnectionPage:
    """A page with an address, a permission and a template of its own.

    The connection's page links to those that are offered to its reader. A page that changes
    something asks on GET and acts on POST.
    """

    slug: ClassVar[str]
    """The last part of the address."""
    title: ClassVar[Any]
    """Translatable; the text of the link and the heading of the page."""
    permission: ClassVar[str]
    """What the reader needs beside the view permission of connections, such as
    ``"scim_provider.rotate_scimtoken"``."""
    template: ClassVar[str]
    entry: ClassVar[Any] = ""
    """Translatable; its text in the navigation of the connection. Without one it is an action,
    linked to above the form of the connection."""
    within: ClassVar[str] = ""
    """Of an action, the slug of the page or list under which the navigation shows it."""
    manages: ClassVar[bool] = False
    """Does it change what opens the connection? Then it is the superusers' for reserved ids."""

    def __init__(self, model_admin: OwnedAdmin) -> None:
        self.model_admin = model_admin

    @property
    def name(self) -> str:
        """Return the name of the route within the admin's namespace."""
        return f"scim_provider_providerconnection_{self.slug.replace('-', '_')}"

    def route(self) -> URLPattern:
        """Return the route."""
        view = self.model_admin.admin_site.admin_view(self.view)
        return path(f"<path:object_id>/{self.slug}/", view, name=self.name)

    def address(self, connection: ProviderConnection) -> str:
        """Return the address of the page for a connection."""
        site = self.model_admin.admin_site.name
        return reverse(f"admin:{self.name}", args=[quote(connection.pk)], current_app=site)

    def others(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return the other pages of the connection that the reader may open, by their slugs."""
        pages = cast("ProviderConnectionAdmin", self.model_admin).pages()
        return {
            page.slug: {
                "title": page.title_for(connection),
                "address": page.address(connection),
                "is_in_navigation": bool(page.entry),
            }
            for page in pages
            if page.slug != self.slug and page.is_offered(request, connection)
        }

    def people_address(self, connection: ProviderConnection) -> str:
        """Return the address of the people whom the connection has not released."""
        site = self.model_admin.admin_site
        still = {"released_at__isempty": 1}
        return list_address(site, LinkedAccount, connection.provider_id, **still)

    def title_for(self, connection: ProviderConnection) -> str:
        """Return the title for a connection in its present state."""
        return str(self.title)

    def permission_for(self, connection: ProviderConnection) -> str:
        """Return the permission for a connection in its present state."""
        return self.permission

    def is_offered(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Tell whether the reader may open the page, and has a use for it."""
        return self.is_permitted(request, connection)

    def is_permitted(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Tell whether the reader, who may see the connection, may open the page."""
        allowed = request.user.has_perm(self.permission_for(connection))
        return allowed and not (self.manages and is_kept_from(request.user, connection))

    def count(self, request: HttpRequest, connection: ProviderConnection) -> str:
        """Return the number beside the text in the navigation, in the reader's language."""
        return ""

    def actor(self, request: HttpRequest) -> AbstractBaseUser:
        """Return who asks, for the event; the admin knows its users."""
        return cast(AbstractBaseUser, request.user)

    def view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer for the connection, if the reader may see it and has the permission.

        Raises:
            Http404: there is no such connection that the reader may see.
            PermissionDenied: the reader lacks a permission.
        """
        connection = self.model_admin.object_for(request, object_id)
        if not self.is_permitted(request, connection):
            raise PermissionDenied
        return self.respond(request, connection)

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Answer; a page overrides this or ``context``."""
        return self.render(request, connection)

    def render(
        self, request: HttpRequest, connection: ProviderConnection, **more: Any
    ) -> HttpResponse:
        """Return the page with what ``context`` and the caller say."""
        if isinstance(more.get("form"), forms.Form):
            more["form"] = self.laid_out(more["form"])
        context = self.model_admin.page_context(request, connection, self.title_for(connection))
        current = self.slug if self.entry else self.within
        site = self.model_admin.admin_site
        context["console"] = console_of(request, site, connection, current)
        return TemplateResponse(
            request, self.template, {**context, **self.context(request, connection), **more}
        )

    def laid_out(self, form: forms.Form) -> AdminForm:
        """Return a form as the admin lays its own out."""
        plain: Any = form  # the stubs know model forms only
        return AdminForm(plain, [(None, {"fields": list(form.fields)})], {}, (), self.model_admin)

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what the template shows."""
        return {}
