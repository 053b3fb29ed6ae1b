"""The people and groups of a connection, and what happened to one of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.folding import fold
from django_scim_provider.insight.numbers_told import counted, whole_up_to_most
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.portal.arrivals import told
from django_scim_provider.portal.key_pages import asked_text, page_behind
from django_scim_provider.portal.page import PortalConnectionPage

LAST_CHARACTER = "\U0010ffff"
EVENTS_SHOWN = 20
GROUPS_SHOWN = 100
STATES: dict[str, tuple[Any, Q]] = {
    "": (_("all"), Q()),
    "active": (_("active"), Q(active=True, released_at=None)),
    "inactive": (_("inactive"), Q(released_at=None) & (Q(active=False) | Q(active=None))),
    "released": (_("released"), Q(released_at__isnull=False)),
}
"""By the word in the address."""


class PortalPeoplePage(PortalConnectionPage):
    """People by their user names, found by how these begin."""

    template = "django_scim_provider/portal/people.html"
    title = _("People")
    section = "people"
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return a page of people."""
        asked = {name: asked_text(self.request.GET.get(name)) for name in ("q", "state")}
        asked["state"] = asked["state"] if asked["state"] in STATES else ""
        accounts = LinkedAccount.objects.using(self.management.using)
        rows = accounts.of(self.connection.provider_id).filter(STATES[asked["state"]][1])
        found = beginning(rows, "account_id", asked["q"])
        after = asked_text(self.request.GET.get("after"))
        page = page_behind(found.defer("resource"), "account_id", after, asked=asked)
        return {
            **asked,
            "total": counted(found),
            "page": page,
            "states": [(word, title) for word, (title, _condition) in STATES.items()],
        }


class PortalPersonPage(PortalConnectionPage):
    """One person: groups, and what the identity provider did lately."""

    template = "django_scim_provider/portal/person.html"
    section = "people"
    for_closed = True

    def prepare(self, **kwargs: Any) -> None:
        """Find the person in the connection.

        Raises:
            ObjectDoesNotExist: there is no such person.
        """
        super().prepare(**kwargs)
        rows = LinkedAccount.objects.using(self.management.using).of(self.connection.provider_id)
        self.account = rows.defer("resource").get(pk=kwargs["account"])
        self.title = self.account.display_name or self.account.user_name

    def context(self) -> dict[str, Any]:
        """Return the person, the groups and the latest events."""
        using = self.management.using
        groups = ProvisionedGroup.objects.using(using).of(self.connection.provider_id)
        mine = groups.filter(members__account=self.account).defer("resource")
        events = ProvisioningEvent.objects.using(using).filter(provider=self.connection)
        mine_too = events.filter(resource_type="User", resource_id=self.account.scim_id)
        return {
            "account": self.account,
            "groups": list(mine.order_by("display_name_key", "pk")[:GROUPS_SHOWN]),
            "events": told(self, list(mine_too.order_by("-pk")[:EVENTS_SHOWN]), named=False),
        }


class PortalGroupsPage(PortalConnectionPage):
    """Groups by their names, found by how these begin, with their sizes."""

    template = "django_scim_provider/portal/groups.html"
    title = _("Groups")
    section = "groups"
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return a page of groups; one more statement counts the members of all."""
        using, asked = self.management.using, {"q": asked_text(self.request.GET.get("q"))}
        groups = ProvisionedGroup.objects.using(using).of(self.connection.provider_id)
        found = beginning(groups, "display_name_key", asked["q"])
        after = asked_text(self.request.GET.get("after"))
        page = page_behind(found.defer("resource"), "display_name_key", after, asked=asked)
        members = GroupMember.objects.using(using).filter(group__in=[each.pk for each in page.rows])
        sizes = dict(members.order_by().values_list("group").annotate(n=Count("pk")))
        return {
            **asked,
            "total": counted(found),
            "page": page,
            "groups": [(group, whole_up_to_most(sizes.get(group.pk, 0))) for group in page.rows],
        }


class PortalGroupPage(PortalConnectionPage):
    """One group: its members, people and groups, by pages."""

    template = "django_scim_provider/portal/group.html"
    section = "groups"
    for_closed = True

    def prepare(self, **kwargs: Any) -> None:
        """Find the group in the connection.

        Raises:
            ObjectDoesNotExist: there is no such group.
        """
        super().prepare(**kwargs)
        rows = ProvisionedGroup.objects.using(self.management.using).of(self.connection.provider_id)
        self.group = rows.defer("resource").get(pk=kwargs["group"])
        self.title = self.group.display_name

    def context(self) -> dict[str, Any]:
        """Return the group, a page of its members in the order of its index, and its parents."""
        using = self.management.using
        members = GroupMember.objects.using(using).filter(group=self.group)
        shown = members.select_related("account", "child")
        shown = shown.defer("account__resource", "child__resource")
        after = asked_text(self.request.GET.get("after"))
        parents = ProvisionedGroup.objects.using(using).filter(members__child=self.group)
        parents = parents.defer("resource").order_by("display_name_key", "pk")
        return {
            "group": self.group,
            "total": counted(members),
            "page": page_behind(shown, "member_key", after, asked={}),
            "parents": list(parents[:GROUPS_SHOWN]),
        }


def beginning(rows: QuerySet[Any], column: str, text: str) -> QuerySet[Any]:
    """Return the rows whose folded name begins with a text, by the index of the names."""
    start = fold(text.strip())
    if not start:
        return rows
    return rows.filter(**{f"{column}__gte": start, f"{column}__lt": start + LAST_CHARACTER})
