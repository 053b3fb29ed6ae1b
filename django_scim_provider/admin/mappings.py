"""Mappings to roles in the admin: shown before they are saved, and applied at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractBaseUser
from django.forms import HiddenInput, ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path

from django_scim_provider.admin.console.choosing_fields import FindingAutocomplete
from django_scim_provider.admin.console.navigation import (
    PARAMETER,
    console_of,
    list_address,
)
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.mapping_pages.deleting import delete_selected, without_answers
from django_scim_provider.admin.mapping_pages.effects_shown import (
    EffectOfMapping,
    apply,
    effect_of,
    effects_of_deleting,
    keep_writes_out,
)
from django_scim_provider.admin.mapping_pages.group_choices import ROUTE, GroupChoices
from django_scim_provider.admin.mapping_pages.handing_out import (
    connection_to_map,
    connections_to_map,
    may_hand_out,
    own_groups,
    roles_of_project,
    roles_to_choose,
)
from django_scim_provider.admin.mapping_pages.mapping_form import (
    CSV,
    SHOWN,
    RoleMappingForm,
    named_fields,
)
from django_scim_provider.admin.mapping_pages.mapping_list import TO_READ, ListOfMappings
from django_scim_provider.admin.mapping_pages.mapping_words import sees_groups, tell_changes
from django_scim_provider.admin.mapping_pages.rest_page import rest_route, tell_rest
from django_scim_provider.admin.ownership import saved
from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.storage.events import record_management

CHOSEN = "_chosen"
"""The button of the first step, which chooses the connection."""
VIEW_CONNECTIONS = "scim_provider.view_providerconnection"


@admin.register(RoleMapping)
class RoleMappingAdmin(ListOfMappings):
    """What gives people of a connection which Django groups or roles."""

    form = RoleMappingForm
    change_form_template = "django_scim_provider/admin/mapping_form.html"
    delete_confirmation_template = "django_scim_provider/admin/delete_mapping.html"
    delete_selected_confirmation_template = "django_scim_provider/admin/delete_mappings.html"
    actions = (delete_selected,)
    autocomplete_fields = ("provider", "django_group")
    fields: ClassVar = (
        "source",
        "group",
        "group_name",
        "match_by",
        "person_attribute",
        "person_value",
        "django_group",
        "organization_role",
        "project_role",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change a mapping to what the user could not hand out themselves.

        Pointed at another group, it would give that to whom the user likes. It can be read, and
        deleted by those who may.
        """
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_hand_out(request.user, obj))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        more = {
            "user": request.user,
            "admin_site": self.admin_site,
            "sees_groups": sees_groups(request),
        }
        return type(form.__name__, (form,), more)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer what there is: first the connection, then its groups and the roles to give."""
        if obj is not None and not self.has_change_permission(request, obj):
            return TO_READ
        connection = self._connection(request) if obj is None else obj.provider
        if connection is None:
            return ("provider",)
        offered = {
            "group": sees_groups(request),
            "organization_role": roles_to_choose(request.user, connection) != (),
            "project_role": request.user.is_superuser and bool(roles_of_project()),
        }
        shown = [
            name
            for name in self.fields
            if offered.get(name, True) or getattr(obj, name, None) is not None
        ]
        return shown if obj is not None else ["provider", *shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let those read who may not change."""
        may = obj is None or self.has_change_permission(request, obj)
        return () if may else TO_READ

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Let superusers find Django groups; others choose among those that they are in."""
        found = self.autocomplete_fields
        return found if request.user.is_superuser else ("provider",)

    def _connection(self, request: HttpRequest) -> ProviderConnection | None:
        """Return the connection that was chosen for a new mapping."""
        if request.method == "POST":
            return connection_to_map(request.user, request.POST.get(PARAMETER))
        return connection_to_map(request.user, _asked(request))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in the connection that the list was narrowed to."""
        return {**super().get_changeform_initial_data(request), PARAMETER: _asked(request)}

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer people other than superusers what they see and have themselves.

        These are the connections they see, and the groups that they are in.
        """
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = FindingAutocomplete(db_field, self.admin_site)
        if db_field.name == "provider":
            kwargs["queryset"] = connections_to_map(request.user)
            if self._connection(request) is not None:
                kwargs["widget"] = HiddenInput()
        elif not request.user.is_superuser:
            kwargs["queryset"] = own_groups(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that finds groups."""
        view = GroupChoices.as_view(admin_site=self.admin_site)
        groups = path("groups/", self.admin_site.admin_view(view), name=ROUTE)
        return [groups, rest_route(self), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Choose the connection of a new mapping first; then show or save as Django does."""
        if object_id is None and CHOSEN in request.POST:
            query = urlencode({PARAMETER: request.POST.get(PARAMETER, "")})
            return HttpResponseRedirect(f"{request.path}?{query}")
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the form with what saving it does, or answer with all whom it concerns."""
        form = context["adminform"].form
        effect: EffectOfMapping | None = form.effect
        sees_people = request.user.has_perm(VIEW_ACCOUNTS)
        if effect is not None and sees_people and CSV in request.POST:
            return cast(HttpResponse, effect.as_csv(cast(AbstractBaseUser, request.user)))
        context |= {
            "effects": [] if effect is None else [effect],
            "shown_as": SHOWN,
            "sees_people": sees_people,
            "state": form.state,
            "chooses_connection": form.connection is None,
            "may_save": obj is None or self.has_change_permission(request, obj),
        }
        if form.connection is not None and request.user.has_perm(VIEW_CONNECTIONS):
            context["console"] = console_of(request, self.admin_site, form.connection, self.tab)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Go on to the mappings of the connection."""
        address = list_address(self.admin_site, RoleMapping, str(obj.provider_id))
        return HttpResponseRedirect(address)

    response_post_save_change = response_post_save_add

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and bring the roles in line as it was shown."""
        effect = form.effect
        keep_writes_out(str(obj.provider_id))
        super().save_model(request, obj, form, change)
        action = "update_mapping" if change else "create_mapping"
        self._record_event(request, action, obj, named_fields(form.changed_data) if change else ())
        self._apply(request, effect)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show who loses what; delete for those who saw it."""
        found = self.get_object(request, unquote(object_id))
        if found is None or not self.has_delete_permission(request, found):
            return super().delete_view(request, object_id, extra_context)
        effect = effect_of(found.provider, before=found)
        sees_people = request.user.has_perm(VIEW_ACCOUNTS)
        if sees_people and CSV in request.POST:
            return effect.as_csv(cast(AbstractBaseUser, request.user))
        if request.method == "POST" and not _has_seen(request, effect):
            request = without_answers(request)
        more = {"effects": [effect], "shown_as": SHOWN, "sees_people": sees_people}
        if request.user.has_perm(VIEW_CONNECTIONS):
            more["console"] = console_of(request, self.admin_site, found.provider, self.tab)
        return super().delete_view(request, object_id, {**more, **(extra_context or {})})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and take back what it gave."""
        effect = effect_of(obj.provider, before=obj)
        keep_writes_out(str(obj.provider_id))
        self._record_event(request, "delete_mapping", obj)
        super().delete_model(request, obj)
        self._apply(request, effect)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete those chosen, and take back what they gave."""
        effects = effects_of_deleting(queryset)

        def work() -> None:
            for provider_id in sorted(effect.connection.provider_id for effect in effects):
                keep_writes_out(provider_id)
            keys = []
            for mapping in queryset.all():
                self._record_event(request, "delete_mapping", mapping)
                keys.append(mapping.pk)
            # The list may be of several tables, of which MongoDB deletes nothing at once.
            chosen = RoleMapping.objects.using(queryset.db).filter(pk__in=keys)
            super(RoleMappingAdmin, self).delete_queryset(request, chosen)
            for effect in effects:
                self._apply(request, effect)

        saved(request, work)

    def _record_event(
        self, request: HttpRequest, action: str, mapping: RoleMapping, changed: Sequence[str] = ()
    ) -> None:
        record_management(
            get_settings().DATABASE,
            str(mapping.provider_id),
            action,
            actor_id=request.user.pk,
            resource_type="RoleMapping",
            resource_id=mapping.pk,
            changed=changed,
        )

    def _apply(self, request: HttpRequest, effect: EffectOfMapping) -> None:
        changes, rest = apply(effect, actor=cast(AbstractBaseUser, request.user))
        tell_changes(self, request, effect.connection, changes)
        if rest:
            tell_rest(self, request, rest)


def _asked(request: HttpRequest) -> str:
    """Return the connection of the address, or of the list from which the reader comes."""
    filters = QueryDict(request.GET.get("_changelist_filters", ""))
    return str(request.GET.get(PARAMETER) or filters.get(PARAMETER) or "")


def _has_seen(request: HttpRequest, effect: EffectOfMapping) -> bool:
    return request.POST.get(SHOWN) == effect.fingerprint and CSV not in request.POST
