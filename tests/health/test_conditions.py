"""The rules of the badge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from django_scim_provider.insight.activity import Activity, Counts, window
from django_scim_provider.insight.condition_texts import headline
from django_scim_provider.insight.conditions import Condition, condition_of
from django_scim_provider.insight.health import Health, Summary
from django_scim_provider.models import ProviderConnection, SCIMToken
from tests.health.moments import NOON

DAY = timedelta(days=1)


def activity(today: Counts, yesterday: Counts, earlier: Counts) -> Activity:
    days = list(window(NOON))
    for place, counts in ((-1, today), (-2, yesterday), (-3, earlier)):
        days[place] = replace(days[place], counts=counts)
    return Activity(tuple(days), {}, {})


def token(*, ends: timedelta | None = None, used: timedelta | None = None) -> SCIMToken:
    return SCIMToken(
        lookup="abcdefgh",
        expires_at=None if ends is None else NOON + ends,
        last_used_at=None if used is None else NOON - used,
    )


def health(**changes: Any) -> Health:
    """Return the facts of a healthy connection, with changes."""
    connection = changes.pop("connection", {})
    counts = [changes.pop(name, Counts()) for name in ("today", "yesterday", "earlier")]
    contact = changes.pop("contact", timedelta(hours=1))
    summary = Summary(
        ProviderConnection(provider_id="acme", **connection),
        last_used_at=None if contact is None else NOON - contact,
    )
    facts = Health(
        summary=summary,
        now=NOON,
        tokens=(token(),),
        has_settings_token=False,
        owner_is_active=True,
        protected_users=0,
        tombstones=0,
        mappings=0,
        activity=activity(*counts),
        last_request=None,
        failures=(),
    )
    return replace(facts, **changes)


SOON = token(ends=14 * DAY - timedelta(seconds=1))
CASES = [
    pytest.param({}, "healthy", id="nothing-to-say"),
    pytest.param({"connection": {"decommissioned_at": NOON}}, "decommissioned", id="ended"),
    pytest.param({"connection": {"enabled": False}}, "disabled", id="disabled"),
    pytest.param({"owner_is_active": False}, "owner_inactive", id="owner"),
    pytest.param({"tokens": ()}, "no_token", id="no-token"),
    pytest.param({"tokens": (), "has_settings_token": True}, "healthy", id="token-of-settings"),
    pytest.param({"today": Counts(done=999, failed=1)}, "failing", id="one-failed"),
    pytest.param({"yesterday": Counts(done=90, refused=10)}, "failing", id="a-tenth-refused"),
    pytest.param({"yesterday": Counts(done=91, refused=10)}, "healthy", id="less-refused"),
    pytest.param({"earlier": Counts(failed=5, refused=5)}, "healthy", id="failed-earlier"),
    pytest.param({"tokens": (SOON,)}, "expiring", id="ends-soon"),
    pytest.param({"tokens": (token(ends=14 * DAY),)}, "healthy", id="ends-later"),
    pytest.param({"tokens": (SOON, token())}, "healthy", id="unused-beside-one-that-stays"),
    pytest.param(
        {"tokens": (token(ends=DAY, used=timedelta(hours=1)), token())},
        "expiring",
        id="new-one-is-not-in-use",
    ),
    pytest.param(
        {"tokens": (token(ends=DAY, used=2 * DAY), token(used=DAY))}, "healthy", id="rotated"
    ),
    pytest.param({"tokens": (SOON,), "has_settings_token": True}, "healthy", id="settings-stay"),
    pytest.param({"contact": 7 * DAY}, "quiet", id="a-week"),
    pytest.param({"contact": 7 * DAY - timedelta(seconds=1)}, "healthy", id="almost-a-week"),
    pytest.param({"contact": None}, "quiet", id="never"),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_condition_follows_from_the_facts(changes: dict[str, Any], expected: str) -> None:
    assert condition_of(health(**changes)) == expected


def test_first_condition_that_applies_holds() -> None:
    worst: dict[str, Any] = {
        "connection": {"decommissioned_at": NOON, "enabled": False},
        "owner_is_active": False,
        "tokens": (),
        "today": Counts(failed=1),
        "contact": None,
    }
    repairs: list[dict[str, Any]] = [
        {},
        {"connection": {"enabled": False}},
        {"connection": {}},
        {"owner_is_active": True},
        {"tokens": (SOON,)},
        {"today": Counts()},
        {"tokens": (token(),)},
        {"contact": DAY},
    ]

    found = []
    for repair in repairs:
        worst |= repair
        found.append(condition_of(health(**worst)))

    assert found == list(Condition)


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_each_condition_has_a_badge_and_a_sentence(changes: dict[str, Any], expected: str) -> None:
    with translation.override("en"):
        found = headline(health(**changes))

    assert found.badge
    assert found.sentence.endswith(".")
    assert "%(" not in found.badge + found.sentence


@pytest.mark.parametrize(
    ("left", "badge"),
    [
        (timedelta(hours=23), "token expires within a day"),
        (DAY, "token expires in 1 day"),
        (9 * DAY + timedelta(hours=5), "token expires in 9 days"),
    ],
)
def test_badge_says_how_many_days_are_left(left: timedelta, badge: str) -> None:
    assert headline(health(tokens=(token(ends=left),))).badge == badge


def test_sentence_has_the_numbers() -> None:
    failing = headline(health(today=Counts(done=1300, refused=3), yesterday=Counts(failed=2)))
    healthy = headline(health(today=Counts(done=1300, refused=3)))

    assert "3 of 1,305 changes were refused and 2 failed" in failing.sentence
    assert "1,303, of which 3 were refused" in healthy.sentence


def test_one_refusal_is_no_plural() -> None:
    sentence = headline(health(today=Counts(done=74, refused=1))).sentence

    assert "75, of which 1 was refused." in sentence
