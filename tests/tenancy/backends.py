"""Organization backends as projects write them: each says in its own way who is a member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Min, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from django_scim_provider.organizations import MembershipModelBackend
from tests.tenancy.models import Membership, Organization


class Asking(MembershipModelBackend):
    """What the others begin with."""

    def rows(self, organization_id: str) -> QuerySet[Any]:
        return Membership.objects.using(self.using).filter(organization=organization_id)

    def keys(self, organization_id: str) -> list[Any]:
        return list(self.rows(organization_id).order_by("pk").values_list("user_id", flat=True))

    def users(self, organization_id: str) -> QuerySet[Any]:
        users = get_user_model()._default_manager.using(self.using)
        return users.filter(pk__in=self.keys(organization_id))


class Listed(Asking):
    def members(self, organization_id: str) -> Any:
        return self.keys(organization_id)


class InATuple(Asking):
    def members(self, organization_id: str) -> Any:
        return tuple(self.keys(organization_id))


class InASet(Asking):
    def members(self, organization_id: str) -> Any:
        return frozenset(self.keys(organization_id))


class Yielded(Asking):
    def members(self, organization_id: str) -> Iterator[Any]:
        yield from self.keys(organization_id)


class ListedUsers(Asking):
    def members(self, organization_id: str) -> Any:
        return list(self.users(organization_id))


class FilteredUsers(Asking):
    def members(self, organization_id: str) -> Any:
        return self.users(organization_id)


class FilteredKeys(Asking):
    def members(self, organization_id: str) -> Any:
        return self.users(organization_id).values_list("pk", flat=True)


class Dicts(Asking):
    def members(self, organization_id: str) -> Any:
        return self.rows(organization_id).values("user_id")


class DefaultDatabase(Asking):
    def members(self, organization_id: str) -> Any:
        return Membership.objects.filter(organization=organization_id).values_list("user")


class Sliced(Asking):
    def members(self, organization_id: str) -> Any:
        return self.rows(organization_id).order_by("pk").values_list("user", flat=True)[:1000]


class United(Asking):
    def members(self, organization_id: str) -> Any:
        rows = self.rows(organization_id).values_list("user", flat=True)
        return rows.filter(role="member").union(rows.exclude(role="member"))


class UnitedUsers(Asking):
    def members(self, organization_id: str) -> Any:
        users = self.users(organization_id)
        return users.filter(is_active=True).union(users.filter(is_active=False))


class UnitedOnce(Asking):
    """Keeps the queryset for as long as the process runs."""

    kept: ClassVar[dict[str, Any]] = {}

    def members(self, organization_id: str) -> Any:
        if organization_id not in self.kept:
            users = get_user_model()._default_manager.filter(
                membership__organization=organization_id
            )
            self.kept[organization_id] = users.union(users)
        return self.kept[organization_id]


class JoinedBeforeNow(Asking):
    def members(self, organization_id: str) -> Any:
        rows = self.rows(organization_id).filter(user__date_joined__lte=timezone.now())
        return rows.values_list("user", flat=True)


class Raw(Asking):
    def members(self, organization_id: str) -> Any:
        users, members = get_user_model()._meta.db_table, Membership._meta.db_table
        return get_user_model()._default_manager.raw(
            f"SELECT u.* FROM {users} u JOIN {members} m ON m.user_id = u.id"
            " WHERE m.organization_id = %s",
            [organization_id],
        )


class Removing(Listed):
    """Keeps no suspended members: who is deactivated is seen all the same."""

    keeps_inactive = False


class Remembering(Asking):
    """Reads the members once, as a project may for as long as one request lasts."""

    def members(self, organization_id: str) -> Any:
        if not hasattr(self, "known"):
            self.known = self.keys(organization_id)
        return self.known


class Nobody(Asking):
    def members(self, organization_id: str) -> Any:
        return self.rows(organization_id).none()


class NoKeys(Asking):
    def members(self, organization_id: str) -> Any:
        return []


class Memberships(Asking):
    """By mistake: rows whose keys are no keys of users."""

    def members(self, organization_id: str) -> Any:
        return self.rows(organization_id)


class ListedMemberships(Asking):
    """The same mistake in a list."""

    def members(self, organization_id: str) -> Any:
        return list(self.rows(organization_id))


class FirstThree(Asking):
    """Those of the oldest memberships, by a window."""

    def members(self, organization_id: str) -> Any:
        return self.numbered(organization_id).values_list("user", flat=True)

    def numbered(self, organization_id: str) -> QuerySet[Any]:
        place = Window(RowNumber(), order_by="pk")
        found: QuerySet[Any] = self.rows(organization_id).annotate(place=place)
        return found.filter(place__lte=3)


class FirstThreeUsers(Asking):
    def members(self, organization_id: str) -> Any:
        users = get_user_model()._default_manager.filter(membership__organization=organization_id)
        place = Window(RowNumber(), order_by="membership__pk")
        return users.annotate(place=place).filter(place__lte=3)


class OfLeast(Asking):
    """Whoever has the least key, by an aggregate."""

    def members(self, organization_id: str) -> Any:
        rows = Organization.objects.filter(pk=organization_id).values("pk")
        return rows.annotate(first=Min("membership__user")).values_list("first", flat=True)


class ByOrganization(Asking):
    """Along a relation with many values."""

    def members(self, organization_id: str) -> Any:
        return Organization.objects.filter(pk=organization_id).values_list("membership__user")


class AsTexts(Asking):
    """Keys in a column of texts, as they are written somewhere else."""

    def members(self, organization_id: str) -> Any:
        return self.rows(organization_id).values_list("role", flat=True)
