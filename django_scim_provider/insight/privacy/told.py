"""What the pages on privacy show: the declared sentences, and how much there is of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.numbers_told import counted
from django_scim_provider.insight.privacy.everything_kept import DECLARED
from django_scim_provider.insight.privacy.kept_data import KeptData


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldData:
    """One kind of what is kept, in the words and numbers of today."""

    slug: str
    title: str
    what: str
    why: str
    how_long: str
    protection: str
    change: str
    model: str
    number: str
    """In the active language, ``10,000+`` for many; empty where nothing is counted."""
    oldest: datetime | None


def told_of(provider_id: str | None = None, *, counts: bool = True) -> list[ToldData]:
    """Return what is kept of the people of a connection, or of all, by two statements a kind.

    Without ``counts`` no statement is made.
    """
    settings = get_settings()
    found = []
    for kind in DECLARED:
        number, oldest = _numbers(kind, provider_id) if counts else ("", None)
        found.append(
            ToldData(
                slug=kind.slug,
                title=str(kind.title),
                what=str(kind.what(settings)),
                why=str(kind.why(settings)),
                how_long=str(kind.how_long(settings)),
                protection=str(kind.protection(settings)),
                change=str(kind.change(settings)),
                model=kind.model,
                number=number,
                oldest=oldest,
            )
        )
    return found


def _numbers(kind: KeptData, provider_id: str | None) -> tuple[str, datetime | None]:
    if kind.rows is None:
        return "", None
    using = get_settings().DATABASE
    rows = kind.rows(using)
    if provider_id is not None:
        rows = rows.filter(kind.of_connection(using, provider_id))
    oldest = (
        rows.order_by("pk").values_list(kind.moment, flat=True).first() if kind.moment else None
    )
    return counted(rows), oldest
