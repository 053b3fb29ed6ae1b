"""``manage.py scim_generate_token``."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from django_scim_provider.models import ProviderConnection, SCIMToken
from tests.factories import make_connection
from tests.people import make_organization
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("scim_generate_token", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_only_the_token_goes_to_standard_output() -> None:
    out, err = run("acme", "--label", "first")

    assert out.count("\n") == 1
    assert SCIMTestClient(out.strip()).get("/Users").status == 200
    assert out.strip() not in err
    assert SCIMToken.objects.get().label == "first"


def test_connection_is_made_with_its_owner_and_organization() -> None:
    model = get_user_model()
    owner = model._default_manager.create(**{model.USERNAME_FIELD: "boss@x.example"})

    make_organization("org")
    run("acme", "--organization", "org", "--owner", "boss@x.example", "--expires-in", "30")

    connection = ProviderConnection.objects.get()
    assert (connection.organization_id, connection.owner_id) == ("org", owner.pk)
    assert SCIMToken.objects.get().expires_at is not None


def test_scopes_are_those_that_are_named() -> None:
    out, _ = run("acme", "--scope", "scim.users.read", "--scope", "scim.groups.read")

    client = SCIMTestClient(out.strip())
    assert client.get("/Users").status == 200
    assert client.request("POST", "/Users", {}).status == 403


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["a:b"], id="colon"),
        pytest.param([""], id="empty"),
        pytest.param(["x" * 256], id="too-long"),
        pytest.param(["a\nb"], id="control-character"),
        pytest.param(["new", "--owner", "nobody"], id="unknown-owner"),
        pytest.param(["new", "--expires-in", "0"], id="no-days"),
        pytest.param(["new", "--scope", "scim.everything"], id="unknown-scope"),
        pytest.param(["taken", "--organization", "other"], id="other-organization"),
        pytest.param(["TAKEN"], id="differs-by-case"),
    ],
)
def test_bad_argument_changes_nothing(arguments: list[Any]) -> None:
    make_connection(provider_id="taken", organization_id="org")

    with pytest.raises(CommandError):
        run(*arguments)

    assert ProviderConnection.objects.count() == 1
    assert not SCIMToken.objects.exists()
