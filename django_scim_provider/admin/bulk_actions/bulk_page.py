"""A page that asks before something is done to the connections that were chosen in the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.bulk_actions.selection import MOST, Progress
from django_scim_provider.connections.reserved import reserved_among
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import ProviderConnection

if TYPE_CHECKING:
    from django_scim_provider.admin.ownership import OwnedAdmin

NAMED = 10
"""Connections that are named before something is done to them."""


class Obstacle(StrEnum):
    """Why nothing is done to a connection."""

    GONE = "gone"
    RESERVED = "reserved"
    CLOSED = "closed"
    ENABLED = "enabled"
    DISABLED = "disabled"
    NO_TOKEN = "no_token"  # noqa: S105 - a reason, no secret


REASONS: dict[str, Any] = {
    Obstacle.GONE: _("is not there any more, or not yours to see"),
    Obstacle.RESERVED: _("is the operator's: only superusers manage it"),
    Obstacle.CLOSED: _("is decommissioned"),
    Obstacle.ENABLED: _("is enabled already"),
    Obstacle.DISABLED: _("is disabled"),
    Obstacle.NO_TOKEN: _("has no token that could be replaced"),
}


@dataclass(frozen=True, slots=True)
class NamedConnection:
    """A connection by its name, with the address of its page."""

    name: str
    address: str


class BulkPage:
    """One action of the list, with an address and a permission of its own.

    The action asks, with the count and the first names, in the answer to the list's form. That form
    is sent to the address of the page, which acts.
    """

    slug: ClassVar[str]
    """The last part of the address, and of the name of the action."""
    title: ClassVar[Any]
    """Translatable; the heading, and what the list offers."""
    button: ClassVar[Any]
    permission: ClassVar[str]
    """What the reader needs beside the view permission of connections."""
    template: ClassVar[str] = "django_scim_provider/admin/bulk/ask.html"
    manages: ClassVar[bool] = False
    """Does it change what opens the connections? Then reserved ids are the superusers'."""
    is_dangerous: ClassVar[bool] = False
    """Does somebody lose something by it?"""

    def __init__(self, model_admin: OwnedAdmin) -> None:
        self.model_admin = model_admin

    @property
    def name(self) -> str:
        """Return the name of the route within the admin's namespace."""
        return f"scim_provider_providerconnection_bulk_{self.slug.replace('-', '_')}"

    def route(self) -> URLPattern:
        """Return the route, outside of the host's ATOMIC_REQUESTS.

        One transaction for all would hold up each tenant until the last one is done.
        """
        view = self.model_admin.admin_site.admin_view(self.view)
        return path(f"bulk/{self.slug}/", transaction.non_atomic_requests(view), name=self.name)

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return reverse(f"admin:{self.name}", current_app=self.model_admin.admin_site.name)

    @property
    def list_address(self) -> str:
        """Return the address of the list."""
        name = "admin:scim_provider_providerconnection_changelist"
        return reverse(name, current_app=self.model_admin.admin_site.name)

    def is_permitted(self, request: HttpRequest) -> bool:
        """Tell whether the reader may do it at all."""
        seen = self.model_admin.has_view_permission(request)
        return bool(seen and request.user.has_perm(self.permission))

    def actor(self, request: HttpRequest) -> AbstractBaseUser:
        """Return who asks, for the events; the admin knows its users."""
        return cast(AbstractBaseUser, request.user)

    # Asking

    def ask(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        """Return the page that asks about what was chosen; None where that is too much.

        Raises:
            PermissionDenied: the reader may not do it.
        """
        if not self.is_permitted(request):
            raise PermissionDenied
        found = self.slim(chosen)
        if len(found) > MOST:
            told = gettext("At most %(most)s connections can be chosen at once; narrow the list.")
            told %= {"most": whole(MOST)}
            self.model_admin.message_user(request, told, messages.ERROR)
            return None
        return self.show_question(request, found)

    def show_question(
        self, request: HttpRequest, chosen: Sequence[ProviderConnection], **more: Any
    ) -> HttpResponse:
        """Return the page that asks."""
        reserved = self.reserved(request, chosen)
        refusals = Counter(filter(None, (self.refusal(each, reserved) for each in chosen)))
        context = {
            "number": len(chosen),
            "first": [self.named(each) for each in chosen[:NAMED]],
            "others": max(0, len(chosen) - NAMED),
            "refusals": [self._refused(reason, number) for reason, number in refusals.items()],
            "acts": len(chosen) - sum(refusals.values()),
            "explanation": self.explanation(),
            "button": self.button,
            "fields": Progress([each.pk for each in chosen]).fields(),
            **more,
        }
        return self.render(request, self.template, **context)

    def _refused(self, reason: str, number: int) -> str:
        told = ngettext("%(number)s %(reason)s", "%(number)s: %(reason)s", number)
        return told % {"number": whole(number), "reason": self.reason(reason)}

    def explanation(self) -> list[str]:
        """Return what it does, in paragraphs."""
        return []

    def refusal(self, connection: ProviderConnection, reserved: frozenset[str]) -> str:
        """Return why nothing is done to a connection: a word of ``Obstacle``; empty: it is done."""
        return Obstacle.RESERVED if connection.provider_id in reserved else ""

    def reserved(
        self, request: HttpRequest, chosen: Iterable[ProviderConnection]
    ) -> frozenset[str]:
        """Return the ids that are kept from the reader."""
        if not self.manages or request.user.is_superuser:
            return frozenset()
        return reserved_among([each.provider_id for each in chosen])

    def reason(self, reason: str) -> str:
        """Return a reason in words; what is no word of ``Obstacle`` is a sentence already."""
        return str(REASONS.get(reason, reason))

    # Acting

    def view(self, request: HttpRequest) -> HttpResponseBase:
        """Act on what was confirmed.

        Raises:
            PermissionDenied: the reader may not do it.
        """
        if not self.is_permitted(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(self.list_address)
        try:
            return self.respond(request, Progress.of(request.POST.dict()))
        except ValidationError as error:
            self.model_admin.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(self.list_address)

    def respond(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        """Act and answer; a page overrides this."""
        raise NotImplementedError

    def found(self, request: HttpRequest, keys: Sequence[UUID]) -> dict[UUID, ProviderConnection]:
        """Return those of the chosen that are there and the reader may see."""
        rows = self.model_admin.get_queryset(request).filter(pk__in=keys)
        return {each.pk: each for each in rows}

    def slim(self, rows: QuerySet[Any]) -> list[ProviderConnection]:
        """Return connections by their ids with what tells their states, one more than ``MOST``.

        What the list computes for each row is not asked for.
        """
        columns = ("pk", "provider_id", "name", "enabled", "decommissioned_at")
        found = rows.order_by("provider_id").values_list(*columns)[: MOST + 1]
        return [
            ProviderConnection(pk=pk, provider_id=id, name=name, enabled=on, decommissioned_at=end)
            for pk, id, name, on, end in found
        ]

    def note(
        self, request: HttpRequest, connections: Sequence[ProviderConnection], text: str
    ) -> None:
        """Write what was done into the admin's history, by one statement."""
        if connections:
            rows: Any = connections  # the stubs ask for a queryset
            LogEntry.objects.log_actions(self.actor(request).pk, rows, CHANGE, text)

    # Showing

    def named(self, connection: ProviderConnection) -> NamedConnection:
        """Return a connection as pages name it."""
        return NamedConnection(str(connection), self.model_admin.address_of(connection))

    def render(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        """Return a page of the action."""
        site = self.model_admin.admin_site
        request.current_app = site.name
        if isinstance(context.get("form"), forms.Form):
            context["form"] = self.laid_out(context["form"])
        frame = {
            **site.each_context(request),
            "opts": self.model_admin.opts,
            "title": str(self.title),
            "address": self.address,
            "list_address": self.list_address,
            "is_dangerous": self.is_dangerous,
        }
        return TemplateResponse(request, template, {**frame, **context})

    def laid_out(self, form: forms.Form) -> AdminForm:
        """Return a form as the admin lays its own out."""
        plain: Any = form  # the stubs know model forms only
        return AdminForm(plain, [(None, {"fields": list(form.fields)})], {}, (), self.model_admin)
