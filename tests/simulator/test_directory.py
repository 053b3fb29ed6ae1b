"""Invented companies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from django_scim_provider.tools.simulator.directory import Employee
from tests.simulator.playing import invented


def test_seed_decides_who_people_are() -> None:
    first, same, other = invented(), invented(), invented(seed=8)

    assert first == same
    assert first != other


def test_runs_share_no_name_that_has_to_be_unique() -> None:
    first, second = invented(run="r1"), invented(run="r2")

    assert {one.user_name for one in first.people}.isdisjoint(
        {one.user_name for one in second.people}
    )
    assert {one.name for one in first.teams}.isdisjoint({one.name for one in second.teams})
    assert [replace(one, key="", user_name="") for one in first.people] == [
        replace(one, key="", user_name="") for one in second.people
    ]


def test_addresses_belong_to_nobody() -> None:
    directory = invented(users=300)

    assert all(one.user_name.endswith(".example.com") for one in directory.people)
    assert len({one.user_name for one in directory.people}) == 300


@pytest.mark.parametrize(
    ("users", "percent", "leavers"),
    [(1, 0, 0), (1, 1, 1), (1, 100, 1), (10, 10, 1), (10, 11, 2), (500, 10, 50)],
)
def test_share_of_leavers_is_rounded_up(users: int, percent: float, leavers: int) -> None:
    directory = invented(users=users, deactivate=percent)

    assert len(set(directory.leavers)) == leavers
    assert set(directory.removed).isdisjoint(directory.returning)


def test_groups_change_by_people_who_can_join_and_leave() -> None:
    for team in invented(users=40, groups=20).teams:
        assert set(team.leaves) <= set(team.members)
        assert set(team.joins).isdisjoint(team.members)
        assert team.members
        assert team.leaves


def test_large_companies_are_invented_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever compares each of 10,000 people with each of 2,000 members does not come to an end.
    def compared(one: Employee, other: object) -> bool:
        raise AssertionError("people are told apart by their numbers")

    monkeypatch.setattr(Employee, "__eq__", compared)

    assert len(invented(users=300, groups=20).teams) == 20


def test_managers_come_before_those_they_manage() -> None:
    people = invented(users=100).people

    assert people[0].manager is None
    assert all(one.manager is not None and one.manager < one.number for one in people[1:])
