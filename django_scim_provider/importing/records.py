"""What a source tells of one person and of one group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPerson:
    """Somebody as the source knows them; ``user`` is the project's, None where there is none."""

    user: Any
    id: str | None = None
    """The SCIM id that identity providers have noted; None where they have noted none."""
    resource: Resource = field(default_factory=dict)
    """What the source says of them, in wire spelling, beside what ``DefaultAdapter.describe``
    does."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """More, by paths as PATCH has them: ``title``, ``phoneNumbers[type eq "work"].value``."""
    created: datetime | None = None
    name: str = ""
    """What the report calls them: a key or the number of a line, nothing personal."""
    problem: str = ""
    """Why the source itself finds that they cannot be imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedGroup:
    """A group as the source knows it."""

    resource: Resource
    """At least ``displayName``; ``members`` of it are not looked at."""
    id: str | None = None
    members: Sequence[str] = ()
    """The SCIM ids of its members: people, and groups that come before it."""
    users: Sequence[Any] = ()
    """The keys of users of the project who are members, where the source knows no ids."""
    django_group: Any = None
    """The key of the ``auth.Group`` that it has been until now, if any."""
    name: str = ""
    problem: str = ""
