"""By what the list of connections is sorted: figures that the database computes when asked to.

Nothing of it is in the statement of a list that is sorted by something else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    IntegerField,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from django_scim_provider.models import SCIMToken
from django_scim_provider.models.moments import MomentField

_LONG_AGO = datetime(1971, 1, 1, tzinfo=UTC)
_FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
AS_OF_NOW = Value(0)
"""Marks a column that is sorted by ``soonest_end``, which depends on the time."""


class OfConnection(Subquery):
    """One value of the rows that a connection has.

    The condition is no equality: where one connection has most of the rows, PostgreSQL expects as
    many of each, and would read the whole table for each connection rather than its index.
    """

    def __init__(self, rows: QuerySet[Any], value: Aggregate, **options: Any) -> None:
        id = OuterRef("provider_id")
        found = rows.filter(provider_id__gte=id, provider_id__lte=id)
        own = found.order_by().values("provider")
        super().__init__(own.annotate(value_of_all=value).values("value_of_all"), **options)


def number_of(rows: QuerySet[Any]) -> Coalesce:
    """Return how many of the rows a connection has."""
    return Coalesce(OfConnection(rows, Count("pk"), output_field=IntegerField()), 0)


def latest_use() -> Coalesce:
    """Return when a token was last used; long ago where none ever was.

    Databases do not agree on where NULL stands.
    """
    last = OfConnection(SCIMToken.objects.all(), Max("last_used_at"))
    return Coalesce(last, Value(_LONG_AGO, MomentField()))


def soonest_end(now: datetime) -> Coalesce:
    """Return when the first of its tokens ends that live now; far ahead where none does."""
    first = OfConnection(SCIMToken.objects.live(now), Min("expires_at"))
    return Coalesce(first, Value(_FAR_AHEAD, MomentField()))
