"""Who is a member, of what ``members()`` of an organization backend returns in whatever form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.models import ForeignKey, IntegerField, Model, QuerySet
from django.db.models.sql import Query

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
    return found if _can_be_subquery(found, using) else _read(found)


class Members:
    """The members of an organization, of whom only those are read that somebody asks for.

    They are asked of the backend now, and this holds for one request. ``subqueries_in`` is the
    alias of a database that may be given what the backend returned as a subquery, where that cannot
    be narrowed; without it all members are read then.
    """

    def __init__(
        self,
        backend: OrganizationBackend,
        organization_id: str,
        *,
        subqueries_in: str | None = None,
    ) -> None:
        self._found: Any = backend.members(organization_id)
        self._using = subqueries_in

    def among(self, users: Collection[Any]) -> set[Any]:
        """Return which of these users are members, by their keys.

        Raises:
            ImproperlyConfigured: the backend returned rows of another model than the users'.
        """
        narrowed = self._narrowed(list(users))
        found = self.all if narrowed is None else _as_keys(_read(narrowed))
        return found.intersection(users)

    def _narrowed(self, users: list[Any]) -> QuerySet[Any, Any] | None:
        if self._column is not None:
            narrowed: QuerySet[Any, Any] = self._found.filter(**{f"{self._column}__in": users})
            return narrowed
        if self._subquery is None:
            return None
        rows = get_user_model()._base_manager.using(self._using).filter(pk__in=users)
        return rows.filter(pk__in=self._subquery).values_list("pk")

    @cached_property
    def _column(self) -> str | None:
        """The column by which the members can be narrowed; None where that could find others."""
        found = self._found
        if not isinstance(found, QuerySet) or found.query.is_empty():
            return None
        whole, query = _is_whole(found), found.query
        if _depends_on_other_rows(query):
            return None
        if whole:
            return "pk"
        name = _only_column(query)
        if name is None or _has_many_values(query, name) or not _holds_keys(query, name):
            return None
        return name

    @cached_property
    def _subquery(self) -> QuerySet[Any, Any] | None:
        """What the database can look keys up in; None where they have to be read."""
        if self._using is None or not isinstance(self._found, QuerySet):
            return None
        if self._found.query.is_empty():
            return None
        name = _only_column(self._found.query)
        if name is not None and not _holds_keys(self._found.query, name):
            return None
        return self._found.all() if _can_be_subquery(self._found, self._using) else None

    @cached_property
    def all(self) -> set[Any]:
        """All of them, by their keys.

        Raises:
            ImproperlyConfigured: the backend returned rows of another model than the users'.
        """
        found = self._found
        return _as_keys(_read(found) if isinstance(found, QuerySet) else map(_key_of, found))


def _can_be_subquery(found: QuerySet[Any, Any], using: str) -> bool:
    whole = _is_whole(found)
    features = connections[using].features
    sliced = found.query.is_sliced and not features.allow_sliced_subqueries_with_in
    # Django selects all columns of united rows in a subquery.
    united = whole and found.query.combinator is not None
    named = found._db  # type: ignore[attr-defined]  # ``db`` asks the routers where none was named
    return not (sliced or united) and named in (None, using)


def _depends_on_other_rows(query: Query) -> bool:
    """Tell whether a row is found because of others, so that one more condition changes which."""
    if query.is_sliced or query.combinator or query.distinct_fields:
        return True
    if query.group_by is not None:
        return True
    parts = (query.where, *query.annotations.values())
    kinds = ("contains_aggregate", "contains_over_clause")  # of windows
    return any(getattr(part, kind, False) for part in parts for kind in kinds)


def _only_column(query: Query) -> str | None:
    """Return the one column that is selected, unless it is computed."""
    named = query.values_select
    return named[0] if len(named) == 1 and not query.annotation_select else None


def _has_many_values(query: Query, name: str) -> bool:
    """Tell whether a condition on a column would join its rows once more, each with each."""
    path, *_ = query.names_to_path(name.split("__"), query.get_meta())
    return any(step.m2m for step in path)


def _holds_keys(query: Query, name: str) -> bool:
    """Tell whether a column holds keys as users have them.

    A condition on one of another type, or inside a document, misses what is spelled differently.
    """
    _, _, targets, rest = query.names_to_path(name.split("__"), query.get_meta())
    if rest or len(targets) != 1:
        return False
    field, key = _origin(targets[0]), _origin(get_user_model()._meta.pk)
    both_whole = isinstance(field, IntegerField) and isinstance(key, IntegerField)
    return both_whole or type(field) is type(key)


def _origin(field: Any) -> Any:
    """Return the field whose values a foreign key has."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


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
