"""What django-scim2 knows: three columns of the user model, two of the group model.

With the package installed its own adapter says what identity providers were shown. Without, what
its default adapter would have said is read from the columns that it has left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.importing.records import ImportedGroup, ImportedPerson
from django_scim_provider.importing.sources.named_rows import (
    model_named,
    refuse_missing_accessor,
    rows_named,
)
from django_scim_provider.importing.sources.packages import PackageSource, Selection, shown_by
from django_scim_provider.importing.sources.tables import key_field, reading_model
from django_scim_provider.models.batches import in_batches
from django_scim_provider.user_model import field_of

MAX_LENGTH = 254
"""Of the package's columns."""


class SCIMColumns:
    """The columns that the package's mixins put into the table of a model.

    A model that has them no more may have them in its table all the same.
    """

    def __init__(self, model: type[models.Model], using: str, *names: str) -> None:
        self.names = names
        self.using = using
        self._left: Any = None
        if any(field_of(model, name) is None for name in names):
            key = key_field(model)
            fields = {name: models.CharField(max_length=MAX_LENGTH, null=True) for name in names}
            self._left = reading_model(model._meta.db_table, using, key=key, **fields)

    def of(self, rows: Sequence[Any]) -> list[dict[str, str]]:
        """Return the columns of each row, as texts; NULL is an empty one."""
        held: dict[Any, Any] = {row.pk: row for row in rows}
        if self._left is not None:
            left = self._left._base_manager.using(self.using).filter(pk__in=list(held))
            held = {row.pk: row for row in left}
        return [
            {name: _text(getattr(held.get(row.pk), name, None)) for name in self.names}
            for row in rows
        ]


class DjangoSCIM2(PackageSource):
    """Reads the columns of users and groups."""

    def __init__(
        self,
        selection: Selection,
        *,
        group_model: str | None = None,
        id_field: str | None = None,
    ) -> None:
        using, members = selection.using, selection.members
        self.adapter, self.group_adapter = _adapter("user"), _adapter("group")
        self.users = rows_named(selection.queryset, get_user_model(), using)
        self.id_field = id_field or _id_field(self.adapter)
        names = (self.id_field, "scim_external_id", "scim_username")
        self.user_columns = SCIMColumns(get_user_model(), using, *names)
        self.members = members
        self.group_rows: models.QuerySet[Any] | None = None
        if selection.with_groups:
            model = model_named(group_model or _group_model())
            refuse_missing_accessor(model, members)
            self.group_rows = rows_named(selection.group_queryset, model, using)
            self.group_id_field = _id_field(self.group_adapter)
            self.group_columns = SCIMColumns(model, using, self.group_id_field, "scim_external_id")

    def people(self) -> Iterator[ImportedPerson]:
        """Yield everybody who has a SCIM id."""
        for users in in_batches(self.users):
            for user, own in zip(users, self.user_columns.of(users), strict=True):
                if own[self.id_field]:
                    yield self._person(user, own)

    def _person(self, user: Any, own: dict[str, str]) -> ImportedPerson:
        resource, problem = _shown(user, own), ""
        if self.adapter is not None:
            resource, problem = shown_by("django-scim2", lambda: self.adapter(user).to_dict())
        return ImportedPerson(
            user=user,
            id=own[self.id_field],
            resource=resource,
            created=getattr(user, "date_joined", None),
            name=f"user {user.pk}",
            problem=problem,
        )

    def groups(self) -> Iterator[ImportedGroup]:
        """Yield all groups that have a SCIM id, with the keys of their users."""
        if self.group_rows is None:
            return
        for groups in in_batches(self.group_rows):
            for group, own in zip(groups, self.group_columns.of(groups), strict=True):
                if own[self.group_id_field]:
                    yield self._group(group, own)

    def _group(self, group: Any, own: dict[str, str]) -> ImportedGroup:
        adapter = self.group_adapter
        shown = group.name if adapter is None else adapter(group).display_name
        return ImportedGroup(
            id=own[self.group_id_field],
            resource={"displayName": shown, "externalId": own["scim_external_id"]},
            users=list(getattr(group, self.members).values_list("pk", flat=True)),
            django_group=group.pk if isinstance(group, Group) else None,
            name=f"group {group.pk}",
        )

    def counts(self) -> tuple[int, int]:
        """Return how many users and groups are looked at."""
        return self.users.count(), 0 if self.group_rows is None else self.group_rows.count()


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _adapter(kind: str) -> Any:
    """Return the class of the package's adapter, without what needs a request or one more query."""
    if not apps.is_installed("django_scim"):
        return None
    found = getattr(import_module("django_scim.utils"), f"get_{kind}_adapter")()
    return type(f"{found.__name__}AtRest", (found,), {"groups": (), "location": "", "path": ""})


def _id_field(adapter: Any) -> str:
    return str(getattr(adapter, "id_field", "scim_id"))


def _group_model() -> str:
    """Return the model that the settings of the package name, or that it goes by without."""
    named = getattr(settings, "SCIM_SERVICE_PROVIDER", {}).get("GROUP_MODEL")
    return str(named or "auth.Group")


def _shown(user: Any, own: dict[str, str]) -> Resource:
    """Return what the package's default adapter shows of a user, beside names and address."""
    names = [str(getattr(user, name, "") or "") for name in ("first_name", "last_name")]
    user_name = str(getattr(user, "username", "") or own["scim_username"] or user.get_username())
    display = " ".join(names) if all(names) else user_name
    return {
        "externalId": own["scim_external_id"],
        "userName": user_name,
        "displayName": display,
        "name": {"givenName": names[0], "familyName": names[1], "formatted": display},
    }
