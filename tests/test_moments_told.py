"""How long ago something was is told in the same words everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

import django_scim_provider
from django_scim_provider.insight.moments_told import ago, in_full, to_the_second
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import as_held, utc_now
from tests.administration import url
from tests.people import connect, post

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACKAGE = Path(str(django_scim_provider.__file__)).parent


@pytest.mark.parametrize(
    ("seconds", "depth", "told"),
    [
        pytest.param(-5, 2, "just now", id="clock-that-is-late"),
        pytest.param(0, 2, "just now", id="now"),
        pytest.param(59, 2, "just now", id="less-than-a-minute"),
        pytest.param(60, 2, "1 minute ago", id="a-minute"),
        pytest.param(4 * 3600 + 180, 2, "4 hours, 3 minutes ago", id="two-units"),
        pytest.param(4 * 3600 + 180, 1, "4 hours ago", id="one-unit"),
    ],
)
@pytest.mark.parametrize("with_zones", [True, False])
def test_words(settings: Any, seconds: int, depth: int, told: str, with_zones: bool) -> None:
    settings.USE_TZ = with_zones
    moment = as_held(NOW - timedelta(seconds=seconds))

    assert ago(moment, NOW, depth=depth).replace("\xa0", " ") == told


def test_nothing_else_tells_it() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for ending in ("*.py", "*.html")
        for path in PACKAGE.rglob(ending)
        if "timesince(" in path.read_text() or "|timesince" in path.read_text()
    }

    assert found == {"insight/moments_told.py"}


@pytest.mark.parametrize(
    ("language", "zone", "full", "short"),
    [
        ("en", "UTC", "March 1, 2026, noon UTC", "03/01/2026 12:00:00 UTC"),
        ("de", "Europe/Berlin", "1. März 2026 13:00 CET", "01.03.2026 13:00:00 CET"),
    ],
)
@pytest.mark.parametrize("with_zones", [True, False])
def test_moments_have_their_zone(
    settings: Any, language: str, zone: str, full: str, short: str, with_zones: bool
) -> None:
    settings.USE_TZ = with_zones
    with timezone.override(zone), translation.override(language):
        found = in_full(as_held(NOW)), to_the_second(as_held(NOW))

    assert found == (full, short)


def test_no_page_shows_a_moment_without_its_zone() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.html")
        if "DATETIME_FORMAT" in path.read_text().replace('in_full:"SHORT_DATETIME_FORMAT"', "")
        or re.search(r"\|date:.H:i", path.read_text())
    ]

    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["health", "failures"])
def test_pages_say_just_now(root: Client, page: str) -> None:
    post(connect(), "ann", active="perhaps")
    SCIMToken.objects.update(last_used_at=utc_now())
    (connection,) = ProviderConnection.objects.all()

    text = root.get(url(ProviderConnection, page, connection.pk)).content.decode()

    assert "just now" in text
    assert "0\xa0minutes" not in text
