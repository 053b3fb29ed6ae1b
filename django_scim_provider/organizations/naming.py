"""What people call the organizations that connections belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django_scim_provider.conf import get_settings
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.organizations.choosing import searched

MOST_FOUND = 100
"""Organizations that a search finds at most."""


def organization_names(ids: Iterable[str | None]) -> Mapping[str, str]:
    """Return the names of organizations by their ids, by one statement at most.

    What the project's backend knows no name of is called by its id; it may have no method
    ``display_names``, or no such organization.
    """
    asked = list(dict.fromkeys(str(id) for id in ids if id is not None))
    if not asked:
        return {}
    backend: Any = get_organization_backend(using=get_settings().DATABASE)
    named = getattr(backend, "display_names", None)
    found = {} if named is None else named(asked)
    return {id: str(found.get(id) or id) for id in asked}


def organizations_named(text: str) -> list[str]:
    """Return the ids of organizations with a text in their names, at most ``MOST_FOUND``.

    The list is empty where the project's backend cannot search.
    """
    if not text.strip():
        return []
    return list(searched(text.strip(), MOST_FOUND, using=get_settings().DATABASE) or ())
