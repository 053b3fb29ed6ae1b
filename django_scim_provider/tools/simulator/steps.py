"""An identity provider as data: what it sends, in which order, and where that is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.traffic import ProvisioningFailure

Over = Callable[[Directory], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the provider does for each of several people or groups."""

    name: str
    """Shown on the progress bar."""
    over: Over
    play: Callable[[Session, Any], None]
    """Called with each item of ``over``."""
    source: str
    """The vendor's page, or who recorded the traffic."""
    required: bool = field(default=False, kw_only=True)
    """Does the provider stop here when it does not like an answer?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What the provider sends when its administrators change one person or group, by itself."""

    assign: Callable[[Session, Employee], None]
    """Somebody gets the application."""
    update: Callable[[Session, Employee], None]
    """Somebody gets the new title."""
    switch: Callable[..., None]
    """Access is given or taken: called with ``active``."""
    remove: Callable[[Session, Employee], None] = Session.delete_user
    """Somebody is gone for good; a provider that deletes nobody takes the access."""
    push_group: Callable[[Session, Team], None] | None = None
    """None where the provider pushes no groups."""
    add: Callable[[Session, list[Employee]], dict[str, Any]] | None = None
    """Returns the operation that adds people to a group."""
    leave: Callable[[Session, Team, list[Employee]], None] | None = None
    """Takes people out of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """One vendor's provisioning service."""

    name: str
    """As on the command line."""
    title: str
    headers: Mapping[str, str]
    """Sent with each request, beside ``Authorization``."""
    steps: tuple[Step, ...]
    moves: Moves
    shown: Callable[[ProvisioningFailure], str]
    """What the provider's administrator would be shown of a failure."""
    pushes_groups: bool = True


everybody: Over = attrgetter("people")
leavers: Over = attrgetter("leavers")
returning: Over = attrgetter("returning")
removed: Over = attrgetter("removed")
teams: Over = attrgetter("teams")


def once(directory: Directory) -> Sequence[Directory]:
    """Return what a step is played for that happens a single time."""
    return (directory,)


def managed(directory: Directory) -> Sequence[Employee]:
    """Return the people who have a manager."""
    return [person for person in directory.people if person.manager is not None]


def dissolved(directory: Directory) -> Sequence[Team]:
    """Return the groups that are deleted at the end: the last one, where there are several."""
    return directory.teams[-1:] if len(directory.teams) > 1 else ()
