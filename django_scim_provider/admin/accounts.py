"""Accounts and groups in the admin, to read."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.account_deletion import delete_selected, of_one
from django_scim_provider.admin.console.connection_filter import ConnectionListFilter
from django_scim_provider.admin.console.narrowed_list import ListOfConnections
from django_scim_provider.admin.console.navigation import PARAMETER, page_address
from django_scim_provider.admin.event_pages.timelines import WithTimeline
from django_scim_provider.admin.mapping_pages.mapping_words import (
    mapping_address,
    mappings_of,
    may_map,
    role_in_words,
)
from django_scim_provider.connections.unlinking import unlink
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup, RoleGrant

SHOWN_MEMBERS = 100
"""Members on the page of a group; the list of accounts finds the others."""


class ReadOnlyAdmin(ListOfConnections):
    """What identity providers write is theirs to change."""

    show_full_result_count = False
    list_select_related: ClassVar[tuple[str, ...]] = ("provider",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the connection out where all rows are of one."""
        shown = super().get_list_display(request)
        return [name for name in shown if name != "provider" or not request.GET.get(PARAMETER)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: they are made by SCIM."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the identity provider would not know."""
        return False

    def link(self, found: Any, text: str | None = None) -> str:
        """Return a link to the page of a row, or its text where the admin has no such page."""
        address = page_address(self.admin_site, type(found), found.pk)
        shown = str(found) if text is None else text
        return format_html('<a href="{}">{}</a>', address, shown) if address else shown


@admin.register(LinkedAccount)
class LinkedAccountAdmin(WithTimeline, ReadOnlyAdmin):
    """Accounts, with links to the project's users. Deleting one only unlinks its user."""

    tab = "people"
    actions = (delete_selected,)
    delete_confirmation_template = "django_scim_provider/admin/delete_account.html"
    delete_selected_confirmation_template = "django_scim_provider/admin/delete_accounts.html"
    when_empty = _(
        "Nobody has arrived yet. Assign people to the application in the identity provider; the "
        "page “Health” says whether it has made contact."
    )
    list_display = (
        "user_name",
        "provider",
        "external_id",
        "active",
        "linked_user",
        "last_modified",
    )
    list_filter = (
        ConnectionListFilter,
        "active",
        ("released_at", admin.EmptyFieldListFilter),
        "created_user",
    )
    list_select_related = ("provider", "user")
    search_fields = (
        "user_name",
        "account_id",
        "=external_id",
        "=scim_id",
        "=provider__provider_id",
    )
    fields: ClassVar = (
        "scim_id",
        "provider",
        "user_name",
        "external_id",
        "account_id",
        "linked_user",
        "active",
        "created_user",
        "manages_profile",
        "released_at",
        "groups",
        "roles",
        "resource",
        "version",
        "created_at",
        "last_modified",
    )
    readonly_fields = fields

    @admin.display(description=_("user"), ordering="user")
    def linked_user(self, account: LinkedAccount) -> str:
        """Return a link to the user of the project."""
        return self.link(account.user)

    @admin.display(description=_("groups"))
    def groups(self, account: LinkedAccount) -> str:
        """Return links to the groups that have the account as a direct member."""
        found = ProvisionedGroup.objects.using(account._state.db)
        rows = found.filter(members__account=account).order_by("display_name_key")
        return _joined([self.link(group) for group in rows[:SHOWN_MEMBERS]])

    @admin.display(description=_("roles from groups"))
    def roles(self, account: LinkedAccount) -> str:
        """Return what the user has because of the groups of the connection."""
        rows = RoleGrant.objects.using(account._state.db).select_related("django_group")
        own = rows.filter(provider=account.provider, user=account.user_id)
        return _joined([str(grant) for grant in own.order_by("pk")])

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Say what becomes of the user before."""
        return super().delete_view(
            request, object_id, {**of_one(self, request, object_id), **(extra_context or {})}
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Unlink the user, with an event."""
        self.delete_queryset(request, LinkedAccount.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LinkedAccount]) -> None:
        """Unlink the users, each with an event, and take back what they have by groups."""
        unlink(queryset, actor=cast(AbstractBaseUser, request.user))


@admin.register(ProvisionedGroup)
class ProvisionedGroupAdmin(WithTimeline, ReadOnlyAdmin):
    """Groups and their members."""

    tab = "groups"
    change_form_template = "django_scim_provider/admin/group.html"
    when_empty = _(
        "No group has arrived yet. If the identity provider sends groups, assign or push them "
        "there."
    )
    list_filter = (ConnectionListFilter,)
    list_display = ("display_name", "provider", "external_id", "size", "last_modified")
    search_fields = (
        "display_name",
        "display_name_key",
        "=external_id",
        "=scim_id",
        "=provider__provider_id",
    )
    fields: ClassVar = (
        "scim_id",
        "provider",
        "display_name",
        "external_id",
        "size",
        "members",
        "parents",
        "mapped_to",
        "resource",
        "version",
        "created_at",
        "last_modified",
    )
    readonly_fields = fields

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show the way to a mapping to those who may make one."""
        shown = super().get_list_display(request)
        return (*shown, "map_it") if may_map(request, self.admin_site) else shown

    @admin.display(description=_("role"))
    def map_it(self, group: ProvisionedGroup) -> str:
        """Return a link to the form of a mapping of the group."""
        address = mapping_address(self.admin_site, group)
        return format_html('<a href="{}">{}</a>', address, gettext("Map this group"))

    @admin.display(description=_("members get"))
    def mapped_to(self, group: ProvisionedGroup) -> str:
        """Return links to the mappings that the group stands for."""
        rows = mappings_of(group)
        return _joined([self.link(mapping, role_in_words(mapping)) for mapping in rows])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the way to a mapping on the page as well."""
        group = context["original"]
        if group is not None and may_map(request, self.admin_site):
            context["mapping_address"] = mapping_address(self.admin_site, group)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: roles follow from groups, and the identity provider would not know."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the groups that the user may see, with their sizes."""
        members = GroupMember.objects.filter(group=OuterRef("pk")).order_by()
        size = members.values("group").annotate(size=Count("pk")).values("size")
        rows: QuerySet[Any] = super().get_queryset(request)
        # For the rows of a page only, where a join would count the members of all groups.
        annotated: QuerySet[Any] = rows.annotate(size=Coalesce(Subquery(size), 0))
        return annotated

    @admin.display(description=_("direct members"), ordering="size")
    def size(self, group: Any) -> int:
        """Return how many members the group has, groups included."""
        return int(group.size)

    @admin.display(description=_("members"))
    def members(self, group: ProvisionedGroup) -> str:
        """Return links to the first of the members."""
        rows = group.members.select_related("account", "child").order_by("pk")
        shown = [self.link(row.account or row.child) for row in rows[:SHOWN_MEMBERS]]
        more = getattr(group, "size", 0) - len(shown)
        if more > 0:
            shown.append(gettext("and %(count)d more") % {"count": more})
        return _joined(shown)

    @admin.display(description=_("member of"))
    def parents(self, group: ProvisionedGroup) -> str:
        """Return links to the groups that hold the group."""
        rows = ProvisionedGroup.objects.using(group._state.db).filter(members__child=group)
        return _joined([self.link(parent) for parent in rows[:SHOWN_MEMBERS]])


def _joined(parts: list[str]) -> str:
    return format_html_join(", ", "{}", ((part,) for part in parts)) or "-"
