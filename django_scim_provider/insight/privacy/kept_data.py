"""How one kind of what is kept is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from django_scim_provider.conf import Settings

Told = Callable[[Settings], Any]
"""Returns a translatable sentence or a few, as the settings have it."""


def always(text: Any) -> Told:
    """Return what says the same under any settings."""
    return lambda settings: text


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptData:
    """One kind of what is kept of people, for the pages on privacy to tell.

    The sentences are for people who run a directory: they name no modules and no files. Only
    ``change`` may name a setting, as organizations do not read it.
    """

    slug: str
    title: Any
    what: Told
    """What is kept, of whom."""
    why: Told
    how_long: Told
    protection: Told
    """Is it encrypted? Who may see it?"""
    change: Told
    """Where that can be changed, and by whom."""
    rows: Callable[[str], QuerySet[Any]] | None = None
    """Returns the rows of a database; None: there are none."""
    of_connection: Callable[[str, str], Q] = lambda using, provider_id: Q(provider=provider_id)
    """Returns the condition on the rows of a connection, which begins an index."""
    moment: str = ""
    """The column that says since when a row is there, if the order of the keys is that of it and an
    index has both; the oldest is told then."""
    model: str = ""
    """The model of the admin's list of the rows, such as ``"linkedaccount"``."""
