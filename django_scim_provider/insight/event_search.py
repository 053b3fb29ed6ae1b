"""Finding events by what people have in hand: an id, its beginning, a name, a request id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from django_scim_provider.core.folding import fold
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.storage.resource_ids import is_id

MOST = 5000
"""Events that a search finds at most."""
SHORTEST = 6
"""Characters of an id that find by its beginning."""
_MOST_NAMED = 200
_LAST = "\U0010ffff"
_UUID_DIGITS = 32


def events_matching(
    events: QuerySet[ProvisioningEvent],
    connections: QuerySet[ProviderConnection],
    text: str,
    *,
    people: bool,
    groups: bool,
) -> list[UUID]:
    """Return the keys of events about what a text names, in no order and at most ``MOST``.

    It is an id of a resource or event or request, or how one begins; or in full, a ``userName``,
    the name of a group or an ``externalId`` of today in one of the connections, if ``people`` and
    ``groups`` may be looked for. The keys are asked for by themselves: with an order beside such
    conditions, databases walk all events from the latest on until a page is full.
    """
    found = _by_ids(text)
    named = _named(connections, text, people=people, groups=groups)
    if named:
        found |= Q(resource_id__in={id for _, id in named})
    keys = events.filter(found).order_by().values_list("pk", "provider_id", "resource_id")
    ids = {id for _, id in named}
    return [
        key
        for key, provider, id in keys[:MOST]
        if id not in ids or (str(provider), id) in named or id.startswith(text)
    ]


def _by_ids(text: str) -> Q:
    spelled = {text, text.lower()} if is_id(text.lower()) else {text}
    whole = Q(resource_id__in=spelled) | Q(request_id__in=spelled)
    if is_id(text.lower()):
        return whole | Q(pk=text.lower())
    if len(text) < SHORTEST:
        return whole
    begins = whole
    for column in ("resource_id", "request_id"):
        begins |= Q(**{f"{column}__gte": text, f"{column}__lt": text + _LAST})
    digits = text.lower().replace("-", "")
    if digits and not set(digits) - set("0123456789abcdef") and len(digits) < _UUID_DIGITS:
        least = UUID(digits.ljust(_UUID_DIGITS, "0"))
        begins |= Q(pk__gte=least, pk__lte=UUID(digits.ljust(_UUID_DIGITS, "f")))
    return begins


def _named(
    connections: QuerySet[ProviderConnection], text: str, *, people: bool, groups: bool
) -> set[tuple[str, str]]:
    """Return connection and id of the people and groups of that name or ``externalId``.

    Each connection is looked into by its index, of which there are thousands at most.
    """
    own = connections.order_by().values("provider_id")
    key = fold(text)
    asked: list[QuerySet[Any]] = []
    if people:
        rows = LinkedAccount.objects.using(connections.db).filter(provider__in=own)
        asked += [rows.filter(account_id=key), rows.filter(external_id=text)]
    if groups:
        those = ProvisionedGroup.objects.using(connections.db).filter(provider__in=own)
        asked += [those.filter(display_name_key=key), those.filter(external_id=text)]
    found: set[tuple[str, str]] = set()
    for each in asked:
        found.update(each.order_by().values_list("provider_id", "scim_id")[:_MOST_NAMED])
    return found
