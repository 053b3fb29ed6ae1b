"""Every seam of the project, driven over HTTP; run by ``tests.projects``."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from time import time
from typing import Any

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import ProviderConnection
from django_scim_provider.tokens.service import generate_scim_token
from tests.factories import make_connection
from tests.people import post
from tests.projects.customers.models import Company
from tests.projects.customers.seams import BADGE, KEY, OUTBOX, company
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
ALL = " ".join(
    f"scim.{name}.{what}" for name in ("users", "groups", "badges") for what in ("read", "write")
)
Connect = Callable[..., SCIMTestClient]


@pytest.fixture
def connect() -> Connect:
    """Return a function that returns a client of a company, with a token of the gateway."""
    OUTBOX.clear()

    def connected(slug: str, scope: str = ALL, key: str = KEY) -> SCIMTestClient:
        if not Company._default_manager.filter(pk=slug).exists():
            Company._default_manager.create(slug=slug)
            make_connection(provider_id=slug, name=slug.title())
        claims = {"sub": slug, "scope": f"openid {scope}", "exp": time() + 60}
        return SCIMTestClient(jwt.encode(claims, key, algorithm="HS256"))

    return connected


def test_settings_have_no_faults() -> None:
    call_command("check", fail_level="WARNING")


def test_token_of_the_gateway_opens_its_connection(connect: Connect) -> None:
    statuses = [
        connect("acme").get("/Users").status,
        connect("acme", scope="").get("/Users").status,
        connect("acme", key=KEY.upper()).get("/Users").status,
        SCIMTestClient(generate_scim_token("acme")[1]).get("/Users").status,
    ]

    assert statuses == [200, 403, 401, 200]


def test_people_belong_to_the_company_of_the_connection(connect: Connect) -> None:
    acme, zenith = connect("acme"), connect("zenith")

    statuses = [post(client, "ann").status for client in (acme, zenith, acme)]

    people: Any = get_user_model()._default_manager.order_by("username")
    assert statuses == [201, 201, 409]
    assert [(each.username, each.company_id) for each in people] == [
        ("acme/ann", "acme"),
        ("zenith/ann", "zenith"),
    ]
    assert company.get() is None


def test_selfcheck_finds_nothing_wrong_as_the_connection_of_a_company(connect: Connect) -> None:
    connect("acme")
    Company._default_manager.update(seats=500)
    OUTBOX.clear()

    printed = StringIO()
    call_command("scim_selfcheck", provider="acme", stdout=printed)

    assert "type:tests.projects.customers.seams.BADGES [acme: generic]" in printed.getvalue()
    assert "0 failed" in printed.getvalue()
    assert (get_user_model()._default_manager.exists(), OUTBOX) == (False, [])


def test_seats_are_limited(connect: Connect) -> None:
    client = connect("acme")

    statuses = [post(client, name).status for name in ("ann", "bob", "cid")]

    assert statuses == [201, 201, 403]


def test_groups_hold_people_only(connect: Connect) -> None:
    client = connect("acme")
    ann = client.create_user("ann")["id"]

    def made(*members: dict[str, str]) -> Any:
        body = {"schemas": [GROUP], "displayName": "Team", "members": list(members)}
        return client.request("POST", "/Groups", body)

    group = made({"value": ann})
    nested = made({"value": group.json["id"], "type": "Group"})

    assert (group.status, nested.status) == (201, 403)


def test_profile_of_the_project_is_in_force(connect: Connect) -> None:
    client = connect("acme")
    id = client.create_user("ann")["id"]
    loud = {"op": "REPLACE", "path": "title", "value": "Boss"}
    dotted = {"op": "replace", "value": {"name.givenName": "Ann"}}
    statuses = []
    for profile in ("strict", "loud"):
        ProviderConnection.objects.update(profile=profile)
        statuses += [client.patch(f"/Users/{id}", each).status for each in (loud, dotted)]

    assert statuses == [400, 400, 200, 400]


def test_customers_are_told_what_changed(connect: Connect) -> None:
    client = connect("acme")
    id = client.create_user("ann", title="Chief")["id"]
    client.patch(f"/Users/{id}", {"op": "replace", "path": "title", "value": "Boss"})
    client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team"})

    assert [
        ("Acme", "acme/ann", set()),
        ("Acme", "acme/ann", {"title"}),
        ("Acme", "Team", {"displayName"}),
    ] == OUTBOX


def test_badges_are_found_by_their_column(connect: Connect) -> None:
    client = connect("acme")
    for number in ("B-1", "B-2"):
        client.request("POST", "/Badges", {"schemas": [BADGE], "number": number})

    with CaptureQueriesContext(connection) as queries:
        found = client.find('number eq "B-2"', "Badges", sortBy="number").json

    assert [badge["number"] for badge in found["Resources"]] == ["B-2"]
    asked = queries[-1]["sql"].replace('"', "").replace("`", "")
    assert "customers_badge.number" in asked
    assert "folded" not in asked


def test_all_of_it_takes_under_two_hundred_lines() -> None:
    files = [path for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]

    assert sum(len(path.read_text().splitlines()) for path in files) < 200
