"""System check E008: instruments that cannot be used are told at start."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from django_scim_provider.checks import check_settings
from tests.observability.instruments import HERE

NOT_CALLABLE = 1
THIS = "tests.observability.test_check"


def told(settings: Any, *names: str) -> list[tuple[str, str | None]]:
    """Return the texts and hints of the check."""
    settings.SCIM_PROVIDER = {"INSTRUMENTS": list(names)}
    messages = check_settings()
    assert {message.id for message in messages} <= {"scim_provider.E008"}
    return [(message.msg, message.hint) for message in messages]


def test_instruments_pass(settings: Any) -> None:
    names = ["prometheus", "opentelemetry", f"{HERE}.Noting", f"{HERE}.counting"]

    assert told(settings, *names) == []


def test_instrument_is_not_made_by_the_check(settings: Any) -> None:
    assert told(settings, f"{HERE}.Unmakeable") == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("promethius", "Did you mean 'prometheus'?"),
        ("OpenTelemetry", "Did you mean 'opentelemetry'?"),
        ("statsd", "There are prometheus, opentelemetry."),
    ],
)
def test_unknown_name_is_told_with_the_known_ones(settings: Any, name: str, hint: str) -> None:
    assert told(settings, name) == [(f"There is no instrument {name!r}.", hint)]


@pytest.mark.parametrize(
    ("name", "package"),
    [("prometheus", "prometheus_client"), ("opentelemetry", "opentelemetry")],
)
def test_missing_package_is_told_with_its_extra(
    settings: Any, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.delitem(sys.modules, f"django_scim_provider.observability.{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)

    ((text, hint),) = told(settings, name)

    assert text.startswith(f"The instrument {name!r} cannot be imported: ")
    assert hint == f"Install django-scim-provider[{name}]."


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nowhere.StatsD", "The instrument 'nowhere.StatsD' cannot be imported"),
        (f"{HERE}.Missing", f"The instrument '{HERE}.Missing' cannot be imported"),
        ("builtins.dict", "'builtins.dict' is not an instrument."),
        (f"{THIS}.NOT_CALLABLE", f"'{THIS}.NOT_CALLABLE' is not an instrument."),
    ],
)
def test_path_that_leads_to_no_instrument_is_told(settings: Any, path: str, text: str) -> None:
    ((message, hint),) = told(settings, path)

    assert message.startswith(text)
    assert hint is not None
    assert "observability.Instrument" in hint


def test_instrument_that_is_named_twice_is_told(settings: Any) -> None:
    assert told(settings, "prometheus", "prometheus") == [
        ("SCIM_PROVIDER['INSTRUMENTS'] names 'prometheus' twice.", None)
    ]
