"""Who sees what in the admin: staff see all but the personal connections of other people."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.reserved import is_reserved
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import in_transaction

Response = TypeVar("Response")
MOST_TYPED = 256
"""Characters of a search: names and ids are shorter, and SQLite refuses patterns without end."""


def not_of_others(user_id: Any, path: str = "") -> Q:
    """Return the condition that leaves out personal connections of others than the user."""
    personal = Q(**{f"{path}organization_id": None, f"{path}owner__isnull": False})
    return ~personal | Q(**{f"{path}owner": user_id})


def searchable(typed: str) -> str:
    """Return what was typed as databases can search for it: without NUL, and not without end."""
    return typed.replace("\x00", "")[:MOST_TYPED]


def is_kept_from(user: Any, connection: ProviderConnection) -> bool:
    """Tell whether the id of a connection is reserved, so that only superusers manage it."""
    return not user.is_superuser and is_reserved(connection.provider_id)


def saved(request: HttpRequest, view: Callable[[], Response]) -> Response:
    """Return what a view of the admin answers; one that saves is run again where the database asks.

    Messages of an earlier try are dropped together with what it wrote.
    """
    if request.method != "POST":
        return view()
    told: Any = getattr(request, "_messages", None)  # there where the messages framework is

    using = get_settings().DATABASE
    if not vendor_of(using).has_savepoints:
        # MongoDB reads them by $unionWith, which its transactions have not. They are kept.
        getattr(request.user, "get_all_permissions", set)()

    def work() -> Response:
        if told is not None:
            request._messages = copy(told)  # type: ignore[attr-defined]  # set by its middleware
            request._messages._queued_messages = list(told._queued_messages)  # type: ignore[attr-defined]
        return view()

    return in_transaction(using, "", work)


class OwnedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Leaves out what belongs to somebody else's personal connection.

    What the model permissions allow holds for the connections of organizations, for those without
    an owner, and for one's own.
    """

    connection_path: ClassVar[str] = "provider__"
    """Look-up from the model to the connection, with its separator."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save; Django saves in one transaction, which is tried again."""
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        return saved(request, view)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Ask or delete, as ``changeform_view`` saves."""
        return saved(request, partial(super().delete_view, request, object_id, extra_context))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show, or do an action to those chosen, as ``changeform_view`` saves.

        MongoDB cannot count a list in a transaction; there each action has one of its own.
        """
        view = partial(super().changelist_view, request, extra_context)
        if not vendor_of(get_settings().DATABASE).has_savepoints:
            return view()
        return saved(request, view)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see, given the permission for their model."""
        rows: QuerySet[Any] = super().get_queryset(request).using(get_settings().DATABASE)
        if request.user.is_superuser:
            return rows
        return rows.filter(not_of_others(request.user.pk, self.connection_path))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list under the filters of the address.

        Raises:
            IncorrectLookupParameters: one that is a look-up holds NUL, which PostgreSQL has in no
                text; the search box and our own filters know what to do with it.
        """
        own = {SEARCH_VAR, *(getattr(each, "parameter_name", None) for each in self.list_filter)}
        asked = (texts for name, texts in request.GET.lists() if name not in own)
        if any("\x00" in text for texts in asked for text in texts):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for what ``searchable`` leaves of what was typed."""
        return super().get_search_results(request, queryset, searchable(search_term))

    def object_for(self, request: HttpRequest, object_id: str, permission: str = "") -> Any:
        """Return the row of a page of its own, for which a further permission may be needed.

        Raises:
            Http404: there is none that the user may see.
            PermissionDenied: the user lacks one of the permissions.
        """
        found: Model | None = self.get_object(request, unquote(object_id))
        allowed = not permission or request.user.has_perm(permission)
        if not allowed or not self.has_view_permission(request, found):
            raise PermissionDenied
        if found is None:
            raise Http404
        return found

    def address_of(self, found: Model) -> str:
        """Return the address of the page of a row."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(found.pk)], current_app=self.admin_site.name)

    def page_context(self, request: HttpRequest, found: Model, title: Any) -> dict[str, Any]:
        """Return what the templates of such pages need."""
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": found,
            "title": title,
        }
