"""What a new connection is called and tolerates, wherever its first token is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from django_scim_provider import api, signals
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.connection_profiles import known_profiles
from tests.management.conftest import Person
from tests.management.test_openapi import make_document
from tests.people import make_organization

pytestmark = pytest.mark.django_db


def boss() -> Any:
    return get_user_model()._default_manager.get(username="boss")


def by_function(**asked: Any) -> str | None:
    try:
        api.generate_scim_token(boss(), "acme", "corp", **asked)
    except ValidationError as error:
        return " ".join(error.messages)
    return None


def by_camel_case(**asked: Any) -> str | None:
    if "profile_switches" in asked:
        asked["profileSwitches"] = asked.pop("profile_switches")
    return by_snake_case(**asked)


def by_snake_case(**asked: Any) -> str | None:
    reply = Person(boss()).post(
        "generate-token", provider_id="acme", organization_id="corp", **asked
    )
    assert reply.status in (201, 400)
    return None if reply.status == 201 else str(reply.json)


def by_command(**asked: Any) -> str | None:
    switches = asked.pop("profile_switches", {})
    arguments = [f"--{name}={value}" for name, value in asked.items()]
    arguments += [f"--switch={name}={'on' if on else 'off'}" for name, on in switches.items()]
    out, err = StringIO(), StringIO()
    try:
        call_command(
            *("scim_generate_token", "acme", "--organization=corp", *arguments),
            stdout=out,
            stderr=err,
        )
    except CommandError as error:
        return str(error)
    return None


Make = Callable[..., str | None]
"""Makes a token of ``acme``, of the organization ``corp``; returns why not, where it is refused."""
WAYS = [by_function, by_camel_case, by_snake_case, by_command]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def make(request: pytest.FixtureRequest, db: None) -> Make:
    """Return each way to make a token."""
    make_organization("corp", boss="owner")
    way: Make = request.param
    return way


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str, str, str | None]]]:
    """Return what receivers are told of connections."""
    told: list[tuple[str, str, str, str | None]] = []

    def note(when: str, connection: ProviderConnection) -> None:
        told.append((when, connection.name, connection.profile, connection.organization_id))

    def before(*, connection: ProviderConnection, **more: Any) -> None:
        note("before", connection)

    def after(*, connection: ProviderConnection, **more: Any) -> None:
        note("after", connection)

    signals.before_scim_token_generated.connect(before)
    signals.after_scim_token_generated.connect(after)
    yield told
    signals.before_scim_token_generated.disconnect(before)
    signals.after_scim_token_generated.disconnect(after)


def test_new_connection_is_as_it_was_asked_for(
    make: Make, heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        refusal = make(name="Acme, staff", profile="entra", profile_switches={"dotted_keys": False})

    connection = ProviderConnection.objects.get()
    assert refusal is None
    assert (connection.name, connection.profile) == ("Acme, staff", "entra")
    assert connection.profile_switches == {"dotted_keys": False}
    assert connection.organization_id == "corp"
    assert heard == [
        ("before", "Acme, staff", "entra", "corp"),
        ("after", "Acme, staff", "entra", "corp"),
    ]


def test_connection_that_exists_keeps_its_name_and_profile(make: Make) -> None:
    assert make(name="Acme", profile="entra") is None
    (token,) = SCIMToken.objects.all()

    renamed, other = make(name="Emca"), make(profile="okta")

    assert "another name" in str(renamed)
    assert "another profile" in str(other)
    connection = ProviderConnection.objects.get()
    assert (connection.name, connection.profile) == ("Acme", "entra")
    assert list(SCIMToken.objects.live()) == [token]
    assert make(name="Acme", profile="entra") is None
    assert make() is None


def test_veto_leaves_no_connection(make: Make) -> None:
    def refuse(*, connection: ProviderConnection, **more: Any) -> None:
        if connection.profile == "entra":
            raise ValidationError("No Entra ID here.")

    signals.before_scim_token_generated.connect(refuse)
    try:
        refusal = make(profile="entra")
    finally:
        signals.before_scim_token_generated.disconnect(refuse)

    assert "No Entra ID here." in str(refusal)
    assert not ProviderConnection.objects.exists()


def test_unknown_profile_is_told_with_those_that_there_are(make: Make) -> None:
    refusal = str(make(profile="entraid"))

    assert "entraid" in refusal
    assert [name for name in known_profiles() if name not in refusal] == []
    assert not ProviderConnection.objects.exists()


@pytest.mark.parametrize("asked", ["name", "label"])
@pytest.mark.parametrize("text", ["x" * 256, "a\x00b"], ids=["long", "nul"])
def test_text_that_no_column_holds_is_refused(make: Make, asked: str, text: str) -> None:
    assert make(**{asked: text}) is not None
    assert not ProviderConnection.objects.exists()


def test_name_is_in_the_openapi_document() -> None:
    request = make_document()["components"]["schemas"]["GenerateTokenRequest"]["properties"]

    assert request["name"]["maxLength"] == 255
    assert {"profile", "profileSwitches", "organizationId"} <= request.keys()
