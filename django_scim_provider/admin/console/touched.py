"""People whom a page of the admin is about to touch: how many, the first, and a file of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, StreamingHttpResponse

from django_scim_provider.connections.consequences import Consequence, Consequences
from django_scim_provider.insight.downloads import ACTIONS, Export, csv_answer

CSV = "csv"
"""The parameter of an address that asks for the file."""
HEADER = ("connection", "user_name", "external_id", "scim_id", "active", "what_happens")
VIEW_ACCOUNTS = "scim_provider.view_linkedaccount"


@dataclass(frozen=True, slots=True)
class Touched:
    """What a page shows; names are for those who may see accounts."""

    count: int
    first: list[Consequence]
    sees_people: bool
    address: str = ""
    """Where all of them are listed, if they are anywhere."""

    @property
    def more(self) -> int:
        """Return how many are not named."""
        return self.count - len(self.first)


def touched(
    request: HttpRequest, consequences: Consequences, count: int, address: str = ""
) -> Touched:
    """Return what to show of the people, of whom there are so many."""
    sees_people = request.user.has_perm(VIEW_ACCOUNTS)
    first = consequences.first() if sees_people else []
    return Touched(count, first, sees_people, address)


def asks_for_file(request: HttpRequest) -> bool:
    """Tell whether the reader asks for the file, and may see accounts."""
    return CSV in request.GET and request.method == "GET" and request.user.has_perm(VIEW_ACCOUNTS)


def taken_by(request: HttpRequest, action: str, provider_ids: Sequence[str]) -> Export:
    """Return what the reader of a page takes out; the admin knows its users."""
    return Export(action, provider_ids, cast(AbstractBaseUser, request.user))


def file_of(
    request: HttpRequest, name: str, consequences: Consequences, provider_ids: Sequence[str]
) -> StreamingHttpResponse:
    """Return everybody of these connections, with what becomes of them."""
    export = taken_by(request, ACTIONS.EXPORT_CONSEQUENCES, provider_ids)
    return csv_answer(name, HEADER, map(_line, consequences.each()), export)


def _line(each: Consequence) -> tuple[Any, ...]:
    account = each.account
    return (
        account.provider_id,
        account.user_name,
        account.external_id,
        account.scim_id,
        account.active,
        each.words,
    )
