"""What django-scim2-server knows: a table of users, a table of groups, and Django's groups.

It shows what the tables hold. Where the project has an adapter of its own, and the package is
installed, that says what identity providers were shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.importing.records import ImportedGroup, ImportedPerson
from django_scim_provider.importing.sources.named_rows import refuse_missing_accessor, rows_named
from django_scim_provider.importing.sources.packages import PackageSource, Selection, shown_by
from django_scim_provider.importing.sources.tables import like, reading_model
from django_scim_provider.models.batches import in_batches

APP = "django_scim2_server"
OWN_ADAPTER = f"{APP}.adapters.DefaultUserAdapter"
MAX_LENGTH = 255


class _NoRequest:
    """Stands in for the request that an adapter makes addresses with, which nobody asks for."""

    def build_absolute_uri(self, location: str | None = None) -> str:
        return "https://host.invalid/"


class DjangoSCIM2Server(PackageSource):
    """Reads the two tables."""

    def __init__(self, selection: Selection) -> None:
        self.users = rows_named(selection.queryset, get_user_model(), selection.using)
        self.user_rows = _rows("user", self.users, "scim_username")
        self.adapter = _adapter_of_the_project()
        self.members = selection.members
        self.group_rows: models.QuerySet[Any] | None = None
        if selection.with_groups:
            refuse_missing_accessor(Group, self.members)
            self.django_groups = rows_named(selection.group_queryset, Group, selection.using)
            self.group_rows = _rows("group", self.django_groups, "display_name")

    def people(self) -> Iterator[ImportedPerson]:
        """Yield everybody who has a row in the package's table."""
        for rows in in_batches(self.user_rows):
            users = self.users.filter(pk__in=[row.owner for row in rows])
            found = {user.pk: user for user in users}
            own = self._own([row.pk for row in rows])
            for row in rows:
                if row.owner in found and row.pk in own:
                    yield self._person(row, found[row.owner], own[row.pk])

    def _own(self, keys: list[Any]) -> dict[Any, Any]:
        """Return the rows that are shown, as the adapter of the project wants them."""
        if self.adapter is None:
            return dict.fromkeys(keys)
        return {row.pk: row for row in self.adapter.get_queryset().filter(pk__in=keys)}

    def _person(self, row: Any, user: Any, own: Any) -> ImportedPerson:
        resource: Resource = {
            "externalId": row.external_id,
            "userName": row.shown_name,
            "active": row.active,
        }
        problem = ""
        if self.adapter is not None:
            resource, problem = shown_by("django-scim2-server", lambda: self._shown(own))
        return ImportedPerson(
            user=user,
            id=str(row.pk),
            resource=resource,
            created=row.created,
            name=f"user {user.pk}",
            problem=problem,
        )

    def _shown(self, own: Any) -> Resource:
        shown: Resource = self.adapter.to_scim(own, _NoRequest()).model_dump(
            mode="json", by_alias=True, exclude_none=True
        )
        return shown

    def groups(self) -> Iterator[ImportedGroup]:
        """Yield all groups of the package's table, with the keys of their users."""
        if self.group_rows is None:
            return
        for rows in in_batches(self.group_rows):
            groups = self.django_groups.filter(pk__in=[row.owner for row in rows])
            found = {group.pk: group for group in groups}
            for row in rows:
                if row.owner not in found:
                    continue
                members = getattr(found[row.owner], self.members)
                yield ImportedGroup(
                    id=str(row.pk),
                    resource={"displayName": row.shown_name, "externalId": row.external_id},
                    users=list(members.values_list("pk", flat=True)),
                    django_group=row.owner,
                    name=f"group {row.owner}",
                )

    def counts(self) -> tuple[int, int]:
        """Return how many users and groups are looked at."""
        return self.user_rows.count(), 0 if self.group_rows is None else self.group_rows.count()


def _rows(kind: str, owners: models.QuerySet[Any], name: str) -> models.QuerySet[Any]:
    """Return the rows of one of the two tables, of these users or groups of the project.

    The tables differ in a few names.
    """
    fields: dict[str, models.Field[Any, Any]] = {
        "id": models.UUIDField(primary_key=True),
        "owner": like(owners.model._meta.pk, f"{kind}_id"),
        "external_id": models.CharField(max_length=MAX_LENGTH),
        "shown_name": models.CharField(max_length=MAX_LENGTH, db_column=name),
        "created": models.DateTimeField(),
    }
    if kind == "user":
        fields["active"] = models.BooleanField()
    model = reading_model(f"{APP}_scim{kind}", owners.db, **fields)
    rows = model._base_manager.using(owners.db)
    return rows.filter(owner__in=owners.order_by().values("pk"))


def _adapter_of_the_project() -> Any:
    """Return the project's own adapter; None where there is none, or no package to call it."""
    path = getattr(settings, "SCIM2_SERVER_USER_ADAPTER", OWN_ADAPTER)
    if path == OWN_ADAPTER or not apps.is_installed(APP):
        return None
    return import_string(path)()
