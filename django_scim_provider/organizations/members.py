"""Who is a member, of what ``members()`` of an organization backend returns in whatever form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.models import Model, QuerySet

from django_scim_provider.organizations.backends import OrganizationBackend


def member_keys(
    backend: OrganizationBackend, organization_id: str, *, using: str
) -> QuerySet[Any, Any] | list[Any]:
    """Return the keys of the members, asked now, for a look-up with ``__in``.

    A queryset that the database cannot take as a subquery there is read, as is one of another
    database.

    Raises:
        ImproperlyConfigured: the backend returned rows of another model than the users'.
    """
    found = backend.members(organization_id)
    if not isinstance(found, QuerySet):
        return [_key_of(row) for row in found]
    if found.query.is_empty():
        return []
    whole = _is_whole(found)
    features = connections[using].features
    sliced = found.query.is_sliced and not features.allow_sliced_subqueries_with_in
    # Django selects all columns of united rows in a subquery.
    united = whole and found.query.combinator is not None
    named = found._db  # type: ignore[attr-defined]  # ``db`` asks the routers where none was named
    if sliced or united or named not in (None, using):
        return _read(found)
    return found


class Members:
    """The members of an organization, of whom only those are read that somebody asks for.

    They are asked of the backend now, and this holds for one request.
    """

    def __init__(self, backend: OrganizationBackend, organization_id: str) -> None:
        self._found: Any = backend.members(organization_id)

    def among(self, users: Collection[Any]) -> set[Any]:
        """Return which of these users are members, by their keys.

        Raises:
            ImproperlyConfigured: the backend returned rows of another model than the users'.
        """
        if self._column is None:
            return self._all.intersection(users)
        asked = self._found.filter(**{f"{self._column}__in": list(users)})
        return _as_keys(_read(asked)).intersection(users)

    @cached_property
    def _column(self) -> str | None:
        """The column by which the members can be narrowed; None where all have to be read."""
        found = self._found
        if not isinstance(found, QuerySet) or found.query.is_empty():
            return None
        whole, query = _is_whole(found), found.query
        if query.is_sliced or query.combinator or query.distinct_fields or query.group_by:
            return None
        if whole:
            return "pk"
        named = query.values_select
        return named[0] if len(named) == 1 and not query.annotation_select else None

    @cached_property
    def _all(self) -> set[Any]:
        found = self._found
        return _as_keys(_read(found) if isinstance(found, QuerySet) else map(_key_of, found))


def _is_whole(found: QuerySet[Any, Any]) -> bool:
    """Tell whether rows of users were selected, and no column of keys."""
    whole = not found.query.has_select_fields
    if whole:
        _refuse_other_than_users(found.model)
    return whole


def _read(found: QuerySet[Any, Any]) -> list[Any]:
    # Anew, where the project keeps the queryset: what it has read already is remembered in it.
    return [_key_of(row) for row in found.all()]


def _as_keys(found: Any) -> set[Any]:
    """Return keys as the user model has them, however the backend spells them."""
    key: Any = get_user_model()._meta.pk
    return {key.to_python(each) for each in found}


def _key_of(row: Any) -> Any:
    """Return the key that a row of a queryset or a list holds, however it was selected."""
    if isinstance(row, Model):
        _refuse_other_than_users(type(row))
        return row.pk
    if isinstance(row, Mapping):
        (row,) = row.values()
    elif isinstance(row, tuple):
        (row,) = row
    return row


def _refuse_other_than_users(model: type[Model]) -> None:
    """Refuse rows whose keys are not those of users, but would be taken for them.

    Raises:
        ImproperlyConfigured: they are of another model.
    """
    users = get_user_model()
    if not (issubclass(model, users) or issubclass(users, model)):
        raise ImproperlyConfigured(
            f"The organization backend's members() must return keys of users, not {model.__name__}."
        )
