"""What is taken out of a request and its answer."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.storage.recorder.redaction import MOST_ECHOES, REMOVED, Redaction

PLANTED = "hunter2-planted"
PIN = "urn:example:extension:1.0:User"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"password": PLANTED}, id="attribute"),
        pytest.param({"PassWord": PLANTED}, id="in-any-case"),
        pytest.param({"password": {"value": PLANTED}}, id="object"),
        pytest.param({"passwords": [PLANTED]}, id="list"),
        pytest.param({"api_key": PLANTED}, id="key"),
        pytest.param({"name": {"clientSecret": PLANTED}}, id="deep"),
        pytest.param({PIN: {"pin": PLANTED}}, id="extension"),
        pytest.param({f"{PIN}:pin": PLANTED}, id="qualified"),
        pytest.param({"Operations": [{"path": "password", "value": PLANTED}]}, id="path"),
        pytest.param({"Operations": [{"PATH": f"{PIN}:pin", "VALUE": PLANTED}]}, id="urn-path"),
        pytest.param({"Operations": [{"value": {"password": PLANTED}}]}, id="no-path"),
        pytest.param({"Operations": [{"path": f'pin[value eq "{PLANTED}"]'}]}, id="path-filter"),
        pytest.param({"Operations": [{"data": {"password": PLANTED}}]}, id="bulk"),
        pytest.param({"filter": f'password eq "{PLANTED}"'}, id="search"),
        pytest.param({"filter": f'password eq "{PLANTED}'}, id="broken-filter"),
        pytest.param([[{"token": PLANTED}]], id="nested-lists"),
        pytest.param({"unicodePwd": PLANTED}, id="directory"),
        pytest.param({"userPin": PLANTED}, id="hump"),
        pytest.param({"mfa_code": PLANTED}, id="underscore"),
        pytest.param({"recovery_codes": [PLANTED]}, id="codes"),
        pytest.param({"\uff50assword": PLANTED}, id="full-width"),
        pytest.param({"pass\u200bword": PLANTED}, id="zero-width"),
        pytest.param({"type": "password", "value": PLANTED}, id="named-beside"),
        pytest.param({"key": "apiKey", "newValue": PLANTED}, id="key-beside"),
        pytest.param({"path": "title", "PATH": "password", "value": PLANTED}, id="two-paths"),
        pytest.param({"displayName": PLANTED, "password": PLANTED}, id="repeated-before"),
        pytest.param({"password": PLANTED, PLANTED: 1}, id="repeated-as-a-key"),
        pytest.param({"filter": f"password eq {PLANTED}"}, id="filter-without-quotes"),
        pytest.param({"filter": f"password eq '{PLANTED}'"}, id="filter-of-another-kind"),
        pytest.param({"path": f"pin[value eq {PLANTED}].x"}, id="path-without-quotes"),
        pytest.param({"title": f"Bearer {PLANTED}-and-more"}, id="header-in-a-text"),
        pytest.param({"title": f"eyJhbGciOiJub25lIn0.{PLANTED}.x"}, id="jwt-in-a-text"),
        pytest.param({"profileUrl": f"https://ann:{PLANTED}@x.example/"}, id="in-a-url"),
    ],
)
def test_secret_goes_wherever_it_stands(body: Any) -> None:
    assert PLANTED not in str(Redaction({"PIN"}).body(body))


def test_what_is_no_secret_stays() -> None:
    body = {
        "userName": "ann",
        "emails": [{"value": "ann@x.example", "primary": True}],
        "Operations": [{"op": "add", "path": "title", "value": "Secretary"}],
        "secretary": "bob",
        "count": 3,
        "filter": 'userName eq "ann"',
    }

    assert Redaction({"pin"}).body(body) == body


@pytest.mark.parametrize("text", ["password", f"{PIN}:pin", 'emails[type eq "pin"].password'])
def test_path_of_a_secret_stays(text: str) -> None:
    assert "(removed)" not in Redaction().body({"path": text})["path"].replace('"(removed)"', "")


def test_longer_secret_that_begins_with_another_goes_whole() -> None:
    redaction = Redaction()
    redaction.body({"tokens": [PLANTED[:6], PLANTED, PLANTED[:4]]})

    assert redaction.body({"detail": f"{PLANTED}!"}) == {"detail": f"{REMOVED}!"}


def test_number_goes_as_well() -> None:
    redaction = Redaction({"pin"})
    redaction.body({"pin": 482913, "otp": True})

    assert redaction.body({"detail": "482913 is none", "n": 482913, "is": "True"}) == {
        "detail": f"{REMOVED} is none",
        "n": REMOVED,
        "is": "True",
    }


def test_what_was_to_be_forgotten_goes() -> None:
    redaction = Redaction()
    redaction.forget(PLANTED)

    assert redaction.headers({"User-Agent": f"curl {PLANTED}"}) == {"User-Agent": f"curl {REMOVED}"}


def test_answer_does_not_repeat_what_was_removed() -> None:
    redaction = Redaction()
    redaction.body({"password": PLANTED})

    answer = redaction.body({"detail": f"{PLANTED} is too short."})

    assert answer == {"detail": f"{REMOVED} is too short."}


def test_short_text_is_not_looked_for() -> None:
    redaction = Redaction()
    redaction.body({"password": "a"})

    assert redaction.body({"detail": "a text"}) == {"detail": "a text"}


def test_headers_are_those_that_prove_nothing() -> None:
    sent = {"Authorization": PLANTED, "Cookie": PLANTED, "X-Api-Key": PLANTED, "Accept": "*/*"}

    assert Redaction().headers(sent) == {"Accept": "*/*"}


def test_parameters() -> None:
    sent = {"access_token": PLANTED, "filter": f'password eq "{PLANTED}"', "count": "2"}

    kept = Redaction().parameters(sent)

    assert kept == {"access_token": REMOVED, "filter": f'password eq "{REMOVED}"', "count": "2"}


def test_what_is_nested_too_deeply_goes() -> None:
    body: Any = PLANTED
    for _ in range(300):
        body = [body]

    assert PLANTED not in str(Redaction().body(body))


def test_many_secrets_are_not_looked_for_in_every_text() -> None:
    redaction = Redaction()
    secrets = [f"{PLANTED}-{number}" for number in range(MOST_ECHOES + 1)]

    kept = redaction.body({"Operations": [{"password": each} for each in secrets]})

    assert PLANTED not in str(kept)
    assert redaction.is_overfull
    assert redaction.body(secrets[-1]) == REMOVED
