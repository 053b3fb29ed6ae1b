"""What the project has of mapped fields, read by lists of keys: nothing is joined or nested."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django_scim_provider.attribute_map.map_fields import MapField
from django_scim_provider.conf import get_user_model
from django_scim_provider.models import LinkedAccount, Tombstone


def fields_of(
    using: str, users: Collection[Any], targets: Sequence[MapField]
) -> dict[Any, list[Any]]:
    """Return the values of mapped fields by the keys of users; None of a row that is missing."""
    names = [each.field.name for each in targets if each.relation is None]
    relations = {each.accessor: each.relation for each in targets if each.relation is not None}
    links = {name: _linked(relation) for name, relation in relations.items()}
    rows = get_user_model()._base_manager.using(using).filter(pk__in=list(users))
    told = dict.fromkeys(("pk", *names, *links.values()))
    held = [dict(zip(told, values, strict=True)) for values in rows.values_list(*told)]
    beside = {
        name: _beside(using, relation, {row[links[name]] for row in held}, targets)
        for name, relation in relations.items()
    }
    return {row["pk"]: [_value(row, each, links, beside) for each in targets] for row in held}


def _linked(relation: Any) -> str:
    """Return the field of users that rows of a relation name."""
    return str(relation.field.target_field.attname)


def _beside(
    using: str, relation: Any, keys: Collection[Any], targets: Sequence[MapField]
) -> dict[Any, dict[str, Any]]:
    """Return the fields of rows beside users, by what these name them by."""
    link = relation.field.attname
    names = [each.field.name for each in targets if each.accessor == relation.get_accessor_name()]
    rows = relation.related_model._base_manager.using(using).filter(**{f"{link}__in": list(keys)})
    told = dict.fromkeys((link, *names))
    held = (dict(zip(told, values, strict=True)) for values in rows.values_list(*told))
    return {row[link]: row for row in held}


def _value(
    row: Mapping[str, Any],
    target: MapField,
    links: Mapping[str | None, str],
    beside: Mapping[str | None, Mapping[Any, Mapping[str, Any]]],
) -> Any:
    if target.relation is None:
        return row[target.field.name]
    found = beside[target.accessor].get(row[links[target.accessor]])
    return None if found is None else found[target.field.name]


def held_elsewhere(using: str, provider_id: str, users: Collection[Any]) -> set[Any]:
    """Return which users another connection holds, or held."""
    found: set[Any] = set()
    for model in (LinkedAccount, Tombstone):
        manager: Any = model._default_manager
        rows = manager.using(using).filter(user__in=list(users))
        others = rows.exclude(**{"provider_id": provider_id}).order_by()
        found.update(others.values_list("user_id", flat=True))
    return found
