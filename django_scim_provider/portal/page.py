"""What all pages of the portal have in common: who may see them, and how they refuse."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.management import Management
from django_scim_provider.connections.recent_login import logged_in_lately
from django_scim_provider.connections.reserved import is_reserved
from django_scim_provider.core.errors import Unavailable
from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations.naming import organization_names
from django_scim_provider.portal.protection import protected
from django_scim_provider.portal.sections import sections_of
from django_scim_provider.portal.texts import DONE, product_name
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of

FRAME = "django_scim_provider/portal/frame.html"
"""What the pages stand in where the project names no template of its own."""


class PortalPage(View):
    """A page for people who are logged in; what they may see is asked anew in each request."""

    template: ClassVar[str]
    title: Any = ""
    """Translatable; the heading of the page."""
    needs_recent_login: ClassVar[bool] = False
    """Does it make, end or show what opens the connection?"""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view with its headers, and outside the host's ATOMIC_REQUESTS.

        They would undo the event of what is refused; what is done has a transaction of its own.
        """
        view: Any = csrf_protect(super().as_view(**initkwargs))
        return transaction.non_atomic_requests(protected(view))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer to those who are logged in; refuse on a page of the portal."""
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not isinstance(user, AbstractBaseUser):
            return self.send_to_log_in(request)
        try:
            if not user.is_active:
                raise PermissionDenied(gettext("Your account is not active."))
            self.management = Management(user)
            self.prepare(**kwargs)
            if self.needs_recent_login and not is_recent(request):
                return self.ask_for_log_in(request)
            return super().dispatch(request, *args, **kwargs)
        except (Http404, ObjectDoesNotExist):
            return self.refuse(404, gettext("There is no such page, or it is not yours to see."))
        except PermissionDenied as error:
            return self.refuse(403, str(error) or gettext("You may not do this."))
        except ValidationError as error:
            return self.refuse(400, " ".join(error.messages))
        except Exception as error:
            if not isinstance(error, Unavailable) and cause_of(error) is Cause.FAULT:
                raise
            return self.refuse(
                503, gettext("The service is not available at the moment; try again.")
            )

    def prepare(self, **kwargs: Any) -> None:
        """Find what the page is about.

        Raises:
            ObjectDoesNotExist, PermissionDenied: the person may not see it.
        """

    @property
    def person(self) -> AbstractBaseUser:
        """Return who asks."""
        return cast(AbstractBaseUser, self.request.user)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the page."""
        return self.show()

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """Return the page with what ``context`` and the caller say."""
        return self.fill(self.template, {**self.context(), **more}, status=status)

    def fill(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Return a template with what the frame needs and ``context``."""
        frame = {
            "portal_base": get_settings().PORTAL_BASE_TEMPLATE or FRAME,
            "title": str(self.title),
            "done": DONE.get(self.request.GET.get("done", ""), ""),
        }
        return render(self.request, template, {**frame, **context}, status=status)

    def context(self) -> dict[str, Any]:
        """Return what the template shows."""
        return {}

    def refuse(self, status: int, sentence: str) -> HttpResponse:
        """Return the page that says no."""
        shown = {"title": gettext("Not possible"), "sentence": sentence, "done": ""}
        return self.fill("django_scim_provider/portal/refusal.html", shown, status=status)

    def send_to_log_in(self, request: HttpRequest) -> HttpResponse:
        """Return the way to the project's log-in, which leads back here."""
        return redirect_to_login(
            request.get_full_path() if request.method in ("GET", "HEAD") else request.path
        )

    def ask_for_log_in(self, request: HttpRequest) -> HttpResponse:
        """Return the page that asks to log in again, which leads back here."""
        shown = {"title": gettext("Log in again"), "next": request.path, "done": ""}
        return self.fill("django_scim_provider/portal/log_in_again.html", shown, status=403)


class PortalConnectionPage(PortalPage):
    """A page of one connection, with links to all its pages."""

    section: ClassVar[str]
    """Where it stands among the links, by the name of a route."""
    changes: ClassVar[bool] = False
    """Is it of no use where the operator of the project manages the connection?"""
    for_closed: ClassVar[bool] = False
    """Is it there for a connection that is closed?"""

    def prepare(self, **kwargs: Any) -> None:
        """Find the connection, if the person may manage it.

        Raises:
            ObjectDoesNotExist: the person does not know of it.
            PermissionDenied: the person may not manage it, or nobody but the operator may.
        """
        self.connection: ProviderConnection = self.management.find_by_key(kwargs["key"])
        if self.is_closed and not self.for_closed:
            raise ProviderConnection.DoesNotExist
        if self.is_reserved and (self.changes or self.request.method == "POST"):
            raise PermissionDenied(gettext("The operator of this site manages this connection."))

    @property
    def is_closed(self) -> bool:
        """Tell whether the connection was decommissioned."""
        return self.connection.decommissioned_at is not None

    @property
    def is_reserved(self) -> bool:
        """Tell whether only the operator of the project manages the connection."""
        return is_reserved(self.connection.provider_id)

    def fill(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Return a template with the links of the connection as well."""
        connection = getattr(self, "connection", None)
        if connection is not None:
            context = {**about_connection(connection, self.section), **context}
        return super().fill(template, context, status=status)

    def go_to(self, route: str, *, done: str = "") -> HttpResponseRedirect:
        """Return the way to another page of the connection, which tells what was done."""
        address = address_of(route, self.connection)
        return HttpResponseRedirect(f"{address}?done={done}" if done else address)


def about_connection(connection: ProviderConnection, section: str) -> dict[str, Any]:
    """Return what stands above each page of a connection."""
    organization_id = connection.organization_id
    return {
        "connection": connection,
        "product": product_name(connection.profile),
        "organization": organization_names([organization_id]).get(organization_id or "", ""),
        "sections": sections_of(connection, section),
        "is_closed": connection.decommissioned_at is not None,
        "is_reserved": is_reserved(connection.provider_id),
    }


def address_of(route: str, connection: ProviderConnection) -> str:
    """Return the address of a page of a connection."""
    return reverse(f"scim-portal:{route}", args=[connection.pk])


def is_recent(request: HttpRequest) -> bool:
    """Tell whether the person logged in lately enough, as the stricter of two settings has it."""
    settings = get_settings()
    return logged_in_lately(request, settings.PORTAL_RECENT_LOGIN, settings.RECENT_LOGIN)
