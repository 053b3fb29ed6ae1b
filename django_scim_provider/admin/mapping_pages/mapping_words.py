"""What people read of mappings: for whom, what they give, whether they are in force, who gained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from django_scim_provider.admin.console.navigation import page_address
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.mapping_pages.source_words import source_in_words
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.mapping_states import MappingState, mapping_states
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    RoleMapping,
)
from django_scim_provider.storage.roles.role_changes import RoleChanges
from django_scim_provider.storage.roles.targets import named_by


class MappingList(ChangeList):
    """A page of mappings that know their state."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then look for what its mappings name."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        states = mapping_states(rows)
        sees = sees_groups(request)
        for row in rows:
            row.state, row.sees_groups = states[row.pk], sees
        self.result_list: Any = rows


def sees_groups(request: HttpRequest) -> bool:
    """Tell whether the reader may see groups."""
    return bool(request.user.has_perm("scim_provider.view_provisionedgroup"))


def state_of(mapping: RoleMapping) -> MappingState:
    """Return the state of a mapping, which the list has read already."""
    known: MappingState | None = getattr(mapping, "state", None)
    return known or mapping_states([mapping])[mapping.pk]


def group_in_words(mapping: RoleMapping, *, sees_groups: bool) -> str:
    """Return whom a mapping is about; the name of a group is for those who see groups."""
    if not mapping.is_of_groups:
        return source_in_words(mapping)
    groups, typed = state_of(mapping).groups, str(mapping.value)
    if mapping.match_by == RoleMapping.MatchBy.DISPLAY_NAME:
        return typed
    if not groups:
        return gettext("a group that is not there")
    if not sees_groups:
        return gettext("a group")
    more = len(groups) - 1
    name: str = groups[0].display_name
    if not more:
        return name
    told = ngettext("%(name)s and %(more)d more", "%(name)s and %(more)d more", more)
    return told % {"name": name, "more": more}


def role_in_words(mapping: RoleMapping) -> str:
    """Return what the members get."""
    if mapping.django_group is not None:
        return gettext("Django group %(name)s") % {"name": mapping.django_group.name}
    if mapping.organization_role is not None:
        return gettext("role %(name)s in the organization") % {"name": mapping.organization_role}
    return gettext("role %(name)s") % {"name": mapping.project_role}


def state_in_words(mapping: RoleMapping) -> SafeString:
    """Return whether a mapping gives anybody anything, with a symbol beside the words."""
    sentences = state_of(mapping).sentences
    if not sentences:
        return format_html('<span class="scim-good">✓ {}</span>', gettext("in force"))
    told = format_html_join(" ", "{}", ((sentence,) for sentence in sentences))
    return format_html('<span class="scim-warned">▲ {}</span>', told)


def may_map(request: HttpRequest, site: AdminSite) -> bool:
    """Tell whether the reader may make mappings."""
    if not site.is_registered(RoleMapping):
        return False
    return bool(site.get_model_admin(RoleMapping).has_add_permission(request))


def mapping_address(site: AdminSite, group: ProvisionedGroup) -> str:
    """Return the address of the form of a new mapping, with connection and group filled in."""
    address = reverse("admin:scim_provider_rolemapping_add", current_app=site.name)
    return f"{address}?{urlencode({'provider': group.provider_id, 'group': group.pk})}"


def mappings_of(group: ProvisionedGroup) -> list[RoleMapping]:
    """Return the mappings that a group stands for."""
    rows = RoleMapping.objects.using(get_settings().DATABASE).filter(provider=group.provider_id)
    rows = rows.exclude(match_by__in=RoleMapping.OF_PEOPLE)
    found = []
    for mapping in rows.select_related("django_group").order_by("pk"):
        column, value = named_by(mapping)
        if getattr(group, column) == value:
            found.append(mapping)
    return found


def tell_changes(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    connection: ProviderConnection,
    changes: RoleChanges,
) -> None:
    """Tell who gained and who lost; that nobody did is no success."""
    if not changes.gained and not changes.lost:
        told = gettext("%(connection)s: nobody gained or lost anything.")
        model_admin.message_user(request, told % {"connection": connection}, messages.WARNING)
        return
    sides = (
        (
            changes.gained,
            changes.first_gained,
            ngettext("%(count)d person gained it", "%(count)d people gained it", changes.gained),
        ),
        (
            changes.lost,
            changes.first_lost,
            ngettext("%(count)d person lost it", "%(count)d people lost it", changes.lost),
        ),
    )
    site = model_admin.admin_site
    colon = pgettext("punctuation", ":")
    for count, first, sentence in sides:
        if count:
            words = f"{connection}{colon} {sentence % {'count': count}}"
            named = people_named(request, site, connection, first)
            rest = count - len(first)
            if named and rest > 0:
                more = ngettext("and %(more)d more", "and %(more)d more", rest) % {"more": rest}
                named = format_html("{}, {}", named, more)
            shown = format_html("{}{} {}.", words, colon, named) if named else f"{words}."
            model_admin.message_user(request, shown, messages.SUCCESS)


def people_named(
    request: HttpRequest, site: AdminSite, connection: ProviderConnection, keys: Iterable[Any]
) -> SafeString | str:
    """Return links to the accounts of users, for those who may see them; else nothing."""
    if not request.user.has_perm(VIEW_ACCOUNTS):
        return ""
    rows = LinkedAccount.objects.using(get_settings().DATABASE).of(connection.provider_id)
    accounts = rows.filter(user__in=list(keys)).defer("resource").order_by("pk")
    return format_html_join(
        ", ", "{}", ((account_link(site, account, account.user_name),) for account in accounts)
    )


def account_link(site: AdminSite, account: LinkedAccount, name: str) -> SafeString | str:
    """Return a link to the page of an account, or its name where the admin has no such page."""
    address = page_address(site, LinkedAccount, account.pk)
    return format_html('<a href="{}">{}</a>', address, name) if address else name
