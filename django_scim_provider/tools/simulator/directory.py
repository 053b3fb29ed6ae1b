"""The people and groups of an invented company.

The seed decides who they are and what becomes of them; the run is in every name that has to be
unique, so that two runs never meet. Addresses are below ``example.com`` (RFC 2606), which belongs
to nobody.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

GIVEN_NAMES = (
    "Ada", "Björn", "Chloé", "Diego", "Emeka", "Fatima", "Grace", "Hiroshi", "Ines", "Jonas",
    "Katarzyna", "Liam", "Mei", "Noor", "Olga", "Priya", "Quentin", "Rosa", "Søren", "Tariq",
)  # fmt: skip
FAMILY_NAMES = (
    "Almeida", "Bergström", "Chen", "Dubois", "Eze", "Fischer", "García", "Haddad", "Ito", "Jensen",
    "Kowalska", "Lindqvist", "Müller", "Nguyen", "O'Brien", "Patel", "Rossi", "Sato", "Tanaka",
)  # fmt: skip
TITLES = ("Engineer", "Accountant", "Designer", "Sales Manager", "Nurse", "Analyst", "Recruiter")
DEPARTMENTS = ("R&D", "Finance", "Sales", "People", "Support", "Operations")
TEAM_SHARE = 5
"""A group starts with at most one in so many of the people, and with two at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """Somebody in the identity provider's directory."""

    number: int
    """From 0, in the order of the import."""
    key: str
    """ASCII letters and digits, unique over all runs."""
    user_name: str
    given_name: str
    family_name: str
    title: str
    new_title: str
    """What the title becomes in the delta."""
    department: str
    phone: str
    """From the range that is kept free for fiction: 555 0100 to 0199."""
    manager: int | None
    """The number of somebody who was imported earlier; the first person has none."""

    @property
    def display_name(self) -> str:
        """Return the name as people write it."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group that the identity provider pushes."""

    number: int
    key: str
    name: str
    members: tuple[Employee, ...]
    """Those that it begins with."""
    joins: tuple[Employee, ...]
    """Those that come later; none of them is in ``members``."""
    leaves: tuple[Employee, ...]
    """Those of ``members`` that go later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A company, and what happens to its people."""

    run: str
    people: tuple[Employee, ...]
    teams: tuple[Team, ...]
    leavers: tuple[Employee, ...]
    """Those that lose their access; the first of three is deleted by providers that delete."""

    @property
    def removed(self) -> tuple[Employee, ...]:
        """Return the leavers that are deleted for good."""
        return self.leavers[::3]

    @property
    def returning(self) -> tuple[Employee, ...]:
        """Return the leavers that get their access back; they are never deleted."""
        return self.leavers[1::3]


def invent(*, run: str, seed: int, users: int, groups: int, deactivate: float) -> Directory:
    """Return a company of that many people (one at least) and groups.

    ``deactivate`` is the share of leavers in percent, from 0 to 100; above 0, one leaves at least.
    """
    dice = random.Random(seed)  # noqa: S311 - invented people need no secrecy
    people = tuple(_person(number, run, dice) for number in range(users))
    teams = tuple(_team(number, run, people, dice) for number in range(groups))
    leavers = tuple(dice.sample(people, math.ceil(users * deactivate / 100)))
    return Directory(run=run, people=people, teams=teams, leavers=leavers)


def _person(number: int, run: str, dice: random.Random) -> Employee:
    title = dice.choice(TITLES)
    return Employee(
        number=number,
        key=f"{run}{number:05d}",
        user_name=f"person{number:05d}@{run}.example.com",
        given_name=dice.choice(GIVEN_NAMES),
        family_name=dice.choice(FAMILY_NAMES),
        title=title,
        new_title=f"Senior {title}",
        department=dice.choice(DEPARTMENTS),
        phone=f"+1 202 555 01{dice.randrange(100):02d}",
        manager=dice.randrange(number) if number else None,
    )


def _team(number: int, run: str, people: Sequence[Employee], dice: random.Random) -> Team:
    size = min(len(people), dice.randint(2, max(2, len(people) // TEAM_SHARE)))
    members = tuple(dice.sample(people, size))
    # By number: comparing people field by field takes hours for large groups of a large company.
    inside = {person.number for person in members}
    others = [person for person in people if person.number not in inside]
    return Team(
        number=number,
        key=f"{run}g{number:04d}",
        name=f"Team {number:04d} of {run}",
        members=members,
        joins=tuple(dice.sample(others, min(len(others), dice.randint(1, 3)))),
        leaves=tuple(dice.sample(members, dice.randint(1, min(2, size)))),
    )
