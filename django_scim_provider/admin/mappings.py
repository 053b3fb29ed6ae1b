"""Mappings of groups to roles in the admin; saving one brings the roles in line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import ValidationError
from django.forms import ChoiceField, ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.adapter import get_adapter
from django_scim_provider.admin.ownership import OwnedAdmin, not_of_others
from django_scim_provider.conf import get_settings
from django_scim_provider.models import GroupMapping, ProviderConnection
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.provisioning_context import ProvisioningContext
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.roles.replay import reconcile_roles
from django_scim_provider.storage.transactions import in_transaction


class GroupMappingForm(ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """Refuses roles in organizations that the person who maps them does not have."""

    user: ClassVar[Any]
    """Who fills the form in; ``get_form`` says."""

    def clean(self) -> dict[str, Any] | None:
        """Check the role, unless a superuser gives it.

        Raises:
            ValidationError: it is more than the user has.
        """
        found = super().clean()
        role = self.cleaned_data.get("organization_role")
        provider = self.cleaned_data.get("provider")
        if provider is None or not role or self.user.is_superuser:
            return found
        if role not in _own_roles(self.user, provider):
            raise ValidationError(
                {"organization_role": _("You do not have this role in the organization.")}
            )
        return found


def _own_roles(user: Any, provider: ProviderConnection) -> frozenset[str]:
    backend = get_organization_backend(using=get_settings().DATABASE)
    if backend is None:
        return frozenset()
    held = backend.memberships(user).get(str(provider.organization_id))
    return frozenset() if held is None else backend.roles(held)


def _may_hand_out(user: Any, mapping: GroupMapping) -> bool:
    """Tell whether the user has what the members of a mapped group get."""
    if user.is_superuser:
        return True
    if mapping.project_role is not None:
        return False
    if mapping.organization_role is not None:
        return mapping.organization_role in _own_roles(user, mapping.provider)
    return bool(_own_groups(user).filter(pk=mapping.django_group_id).exists())


def _own_groups(user: Any) -> Any:
    found: Any = getattr(user, "groups", None)
    return Group.objects.none() if found is None else found.all()


@admin.register(GroupMapping)
class GroupMappingAdmin(OwnedAdmin):
    """Which groups of a connection stand for which Django groups or roles."""

    form = GroupMappingForm
    list_display = (
        "provider",
        "match_by",
        "value",
        "django_group",
        "organization_role",
        "project_role",
    )
    list_filter = ("match_by",)
    list_select_related = ("provider", "django_group")
    search_fields = ("provider__provider_id", "value", "django_group__name")
    autocomplete_fields = ("provider", "django_group")
    fields: ClassVar = (
        "provider",
        "match_by",
        "value",
        "django_group",
        "organization_role",
        "project_role",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change a mapping to what the user could not hand out themselves.

        Pointed at another connection or group, it would give that to whom the user likes. It can be
        read, and deleted by those who may.
        """
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or _may_hand_out(request.user, obj))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"user": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer roles of the project to superusers, where there are any."""
        offered = request.user.is_superuser and self._roles()
        return [name for name in self.fields if name != "project_role" or offered]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Make the role of the project a choice of those that the adapter names."""
        if db_field.name != "project_role":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        choices = [("", "---------"), *((role, role) for role in self._roles())]
        return ChoiceField(label=db_field.verbose_name, choices=choices, required=False)

    def _roles(self) -> Sequence[str]:
        no_connection = ProvisioningContext(provider_id="", using=get_settings().DATABASE)
        return get_adapter(no_connection).roles()

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer people other than superusers what they see and have themselves.

        These are the connections they see, and the groups that they are in.
        """
        if not request.user.is_superuser:
            own = {
                "provider": ProviderConnection.objects.filter(not_of_others(request.user.pk)),
                "django_group": _own_groups(request.user),
            }
            kwargs["queryset"] = own[db_field.name]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and replay the roles of the connection, and of the one that it had before."""
        before = form.initial.get("provider") if change else None
        super().save_model(request, obj, form, change)
        action = "update_mapping" if change else "create_mapping"
        self._record_event(request, action, obj, form.changed_data if change else ())
        self._replay(request, obj.provider)
        if before is not None and before != obj.provider_id:
            self._replay(request, ProviderConnection.objects.get(provider_id=before))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and replay."""
        provider = obj.provider
        self._record_event(request, "delete_mapping", obj)
        super().delete_model(request, obj)
        self._replay(request, provider)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete those chosen, and replay each connection once."""
        providers = list(ProviderConnection.objects.filter(mappings__in=queryset).distinct())

        def work() -> None:
            for mapping in queryset.all():
                self._record_event(request, "delete_mapping", mapping)
            super(GroupMappingAdmin, self).delete_queryset(request, queryset)

        in_transaction(queryset.db, "", work)
        for provider in providers:
            self._replay(request, provider)

    def _record_event(
        self, request: HttpRequest, action: str, mapping: GroupMapping, changed: Sequence[str] = ()
    ) -> None:
        record_management(
            get_settings().DATABASE,
            str(mapping.provider_id),
            action,
            actor_id=request.user.pk,
            resource_type="GroupMapping",
            resource_id=mapping.pk,
            changed=changed,
        )

    def _replay(self, request: HttpRequest, provider: ProviderConnection) -> None:
        changes = reconcile_roles(provider, actor=cast(AbstractBaseUser, request.user))
        told = gettext("%(connection)s: %(granted)d roles granted, %(revoked)d revoked.")
        numbers = {"granted": changes.granted, "revoked": changes.revoked}
        self.message_user(request, told % {"connection": provider, **numbers}, messages.SUCCESS)
