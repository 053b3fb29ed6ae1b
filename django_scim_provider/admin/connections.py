"""Connections in the admin."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.bulk_actions.bulk_admin import BulkActions
from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.connection_pages.decommission import DecommissionPage
from django_scim_provider.admin.connection_pages.drift import DriftPage
from django_scim_provider.admin.connection_pages.health import HealthPage
from django_scim_provider.admin.connection_pages.set_up_page import SetUpPage
from django_scim_provider.admin.connection_pages.switch import SwitchPage
from django_scim_provider.admin.connection_pages.token import TokenPage, reasons
from django_scim_provider.admin.console.navigation import console_of
from django_scim_provider.admin.console.organization_choices import (
    offer_organizations,
    organizations_route,
)
from django_scim_provider.admin.failure_pages.failures_page import FailuresPage
from django_scim_provider.admin.notice_pages.notices_page import NoticesPage
from django_scim_provider.admin.overview.overview_columns import COLUMNS, OverviewColumns
from django_scim_provider.admin.overview.overview_filters import (
    AttentionFilter,
    ProductFilter,
    StateFilter,
)
from django_scim_provider.admin.overview.overview_list import OverviewList
from django_scim_provider.admin.ownership import searchable
from django_scim_provider.admin.privacy_pages.kept_pages import OverallPrivacyPage, PrivacyPage
from django_scim_provider.admin.recent_log_in import is_recent
from django_scim_provider.admin.recorder_pages.recorder_page import RecorderPage
from django_scim_provider.admin.run_pages.checks_page import ChecksPage
from django_scim_provider.admin.switches import (
    SWITCHES,
    SwitchFields,
    chosen_switches,
    described,
    prepare_profile,
    stored_names,
)
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.reserved import is_reserved
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import is_from_settings, stored_profile
from django_scim_provider.organizations.existence import refuse_unknown_organization
from django_scim_provider.organizations.naming import organizations_named
from django_scim_provider.storage.events import record_management
from django_scim_provider.tokens.service import revoke_connection_tokens, validate_ids

PAGES: tuple[type[ConnectionPage], ...] = (
    SetUpPage,
    FailuresPage,
    HealthPage,
    DriftPage,
    ChecksPage,
    NoticesPage,
    RecorderPage,
    TokenPage,
    SwitchPage,
    DecommissionPage,
    PrivacyPage,
)
"""The pages of a connection beside Django's, in the order of their links."""
SAVES_MORE = ("_addanother", "_continue", "_popup")
"""Buttons and frames that want another answer than the token of a new connection."""


class ConnectionForm(SwitchFields, ModelForm):  # type: ignore[type-arg,misc]  # generic for type checkers only, and made by a loop
    """Refuses new connections for which no token could be made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prepare_profile(self)
        if "profile" in self.fields:
            self.fields["profile"].label = _("Identity provider")
            self.fields["profile"].help_text = _(
                "Decides which steps you are shown, and which habits of it are tolerated."
            )

    def clean(self) -> dict[str, Any] | None:
        """Check the ids of a new connection.

        Raises:
            ValidationError: they are reserved, too long, or of an organization that there is not.
        """
        found = super().clean()
        if not is_from_settings(self.instance.provider_id):
            self.instance.profile_switches = chosen_switches(self.cleaned_data)
        provider_id = self.cleaned_data.get("provider_id")
        if self.instance._state.adding and provider_id is not None:
            if is_reserved(provider_id):
                raise ValidationError({"provider_id": _("This provider id is reserved.")})
            organization_id = self.cleaned_data.get("organization_id") or None
            validate_ids(provider_id, organization_id)
            try:
                refuse_unknown_organization(organization_id)
            except ValidationError as error:
                raise ValidationError({"organization_id": error}) from error
        return found

    def clean_organization_id(self) -> str | None:
        """Read an empty field as no organization."""
        return self.cleaned_data["organization_id"] or None


@admin.register(ProviderConnection)
class ProviderConnectionAdmin(OverviewColumns, BulkActions):
    """What a connection belongs to is fixed when it is made; it is disabled, never deleted."""

    connection_path = ""
    form = ConnectionForm
    change_form_template = "django_scim_provider/admin/connection.html"
    change_list_template = "django_scim_provider/admin/overview/list.html"
    list_display = COLUMNS
    list_filter = (StateFilter, ProductFilter, AttentionFilter)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER  # it would count all connections for each choice
    list_select_related = ("owner",)
    search_fields = ("provider_id", "name", "organization_id")
    raw_id_fields = ("owner",)
    fields: ClassVar = ("provider_id", "name", "profile", "organization_id", "owner")
    shown: ClassVar = ("tolerated", "state", "created_at", "decommissioned_at", "drift_count")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OverviewList]:
        """Return the list whose rows know their figures."""
        return OverviewList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the names of organizations as well, where the project can tell."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        named = organizations_named(searchable(search_term))
        return (found | queryset.filter(organization_id__in=named) if named else found), repeats

    @admin.display(description=_("state"))
    def state(self, connection: ProviderConnection) -> str:
        """Return whether the connection opens anything."""
        if connection.decommissioned_at is not None:
            return gettext("decommissioned")
        return gettext("enabled") if connection.enabled else gettext("disabled")

    @admin.display(description=_("tolerated"))
    def tolerated(self, connection: ProviderConnection) -> str:
        """Return which switches are on, be it by the profile or by the connection itself."""
        return described(*stored_profile(connection))

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Find organizations by their names, where the project can tell them."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "organization_id":
            offer_organizations(found, db_field, self.admin_site)
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show more of a connection that exists, and switches to those who may turn them."""
        if obj is None:
            return [(None, {"fields": self.fields}), SWITCHES]
        shown = (*self.fields, *self.shown)
        if is_from_settings(obj.provider_id):
            return [(None, {"fields": tuple(name for name in shown if name != "profile")})]
        may = self.has_change_permission(request, obj)
        return [(None, {"fields": shown}), *([SWITCHES] if may else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix the ids of a connection that exists; only superusers name owners."""
        fixed = () if obj is None else ("provider_id", "organization_id", *self.shown)
        return fixed if request.user.is_superuser else (*fixed, "owner")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: who registered a freed id would inherit the accounts of another tenant."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the user own a new personal connection; a change of owner ends its tokens."""
        user = cast(AbstractBaseUser, request.user)  # the admin knows its users
        if not change and not request.user.is_superuser and obj.organization_id is None:
            obj.owner = user
        super().save_model(request, obj, form, change)
        if form.changed_data:
            record_management(
                get_settings().DATABASE,
                obj.provider_id,
                "update_connection" if change else "create_connection",
                actor_id=user.pk,
                changed=stored_names(form.changed_data),
            )
        if change and "owner" in form.changed_data:
            revoke_connection_tokens(obj, actor=user)
            self.message_user(
                request,
                gettext("The connection has another owner; its tokens were revoked."),
                messages.WARNING,
            )

    @sensitive_variables("made")
    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Make the first token of a new connection and show it, to those who may."""
        page = TokenPage(self)
        more = any(name in request.POST for name in SAVES_MORE)
        if more or not page.is_offered(request, obj):
            return super().response_add(request, obj, post_url_continue)
        if not is_recent(request):
            return HttpResponseRedirect(page.address(obj))
        try:
            made = page.generate(request, obj)
        except (ValidationError, PermissionDenied) as error:
            self.message_user(request, " ".join(reasons(error)), messages.ERROR)
            return HttpResponseRedirect(page.set_up(obj))
        return page.show(request, obj, *made)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of a connection."""
        pages = [page.route() for page in self.pages()]
        own = [*pages, OverallPrivacyPage(self).route(), organizations_route(self)]
        return [*own, *super().get_urls()]

    def pages(self) -> list[ConnectionPage]:
        """Return the pages of a connection, in the order of their links."""
        return [page(self) for page in PAGES]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Head the page by the words of the button that leads to it."""
        more = {"title": gettext("Connect a directory"), **(extra_context or {})}
        return super().add_view(request, form_url, more)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Link to the pages that the reader may open."""
        found = self.get_object(request, unquote(object_id))
        links = [
            {"title": page.title_for(found), "address": page.address(found)}
            for page in self.pages()
            if found is not None and not page.entry and page.is_offered(request, found)
        ]
        more = {"scim_pages": links, **(extra_context or {})}
        if found is not None and self.has_view_permission(request, found):
            more["console"] = console_of(request, self.admin_site, found, "settings")
        return super().change_view(request, object_id, form_url, more)
