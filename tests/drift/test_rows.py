"""Columns and index rows of accounts and groups that do not follow from their resources."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from django_scim_provider.models import (
    AccountDocument,
    AccountEmail,
    GroupDocument,
    LinkedAccount,
    ProvisionedGroup,
)
from tests.drift.comparing import account_of, compare, repair, told
from tests.extensions import BADGE_URN
from tests.people import connect, host_user, post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("user_name", "stale"),
        ("external_id", "stale"),
        ("external_id", None),
        ("account_id", "stale"),
    ],
)
def test_column_of_an_account_is_found_and_repaired(
    client: SCIMTestClient, column: str, value: str | None
) -> None:
    ann = post(client, "ann@x.example", externalId="e1").json
    before = account_of(ann)
    LinkedAccount.objects.update(**{column: value})

    found = told()
    drift = repair()

    assert found == [f"account {column}"]
    assert (drift.repaired, drift.differing) == (1, 0)
    after = account_of(ann)
    assert getattr(after, column) == getattr(before, column)
    assert (after.version, after.last_modified) == (before.version, before.last_modified)
    assert told() == []


def test_account_is_found_by_name_again_after_the_repair(client: SCIMTestClient) -> None:
    post(client, "ann@x.example")
    LinkedAccount.objects.update(account_id="stale")
    AccountDocument.objects.update(folded="{}")

    lost = client.find('userName eq "ann@x.example"').json["totalResults"]
    repair()

    found = client.find('userName eq "ann@x.example"').json["totalResults"]
    by_document = client.find('userName co "ANN@"').json["totalResults"]
    assert (lost, found, by_document) == (0, 1, 1)


def test_index_of_addresses_is_found_and_repaired(client: SCIMTestClient) -> None:
    emails = [{"value": "ann@x.example", "type": "work", "primary": True}, {"value": "b@x.example"}]
    ann = post(client, "ann@x.example", emails=emails).json
    rows = AccountEmail.objects.filter(account=ann["id"])
    before = sorted(rows.values_list("value_key", "type", "primary"), key=str)
    rows.filter(type="work").update(value_key="stale@x.example")

    found = told()
    repair()

    assert found == ["account emails"]
    assert sorted(rows.values_list("value_key", "type", "primary"), key=str) == before
    assert told() == []


def test_flag_of_activity_follows_the_resource(client: SCIMTestClient) -> None:
    ann = post(client, "ann@x.example").json
    LinkedAccount.objects.update(active=False)

    found = told()
    repair()

    assert found == ["account active"]
    assert account_of(ann).active
    assert host_user(ann).is_active


def test_document_that_filters_run_on_follows_a_new_extension(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    post(client, "ann@x.example")
    stored = LinkedAccount.objects.get().resource
    LinkedAccount.objects.update(
        resource=stored.replace('"active"', f'"{BADGE_URN}":{{"level":7}},"active"')
    )
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})

    found = told()
    repair()

    assert found == ["account folded"]
    assert client.find(f"{BADGE_URN}:level eq 7").json["totalResults"] == 1


def test_key_that_another_account_holds_is_refused(client: SCIMTestClient) -> None:
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    LinkedAccount.objects.filter(pk=ann["id"]).update(account_id="moved")
    LinkedAccount.objects.filter(pk=bob["id"]).update(account_id="ann@x.example")

    first, found = compare(repair=True)
    second = repair()

    assert (first.repaired, first.refused) == (1, 1)
    assert "unique" in found[0].refused
    assert (second.repaired, second.differing) == (1, 0)
    assert told() == []


def test_row_that_holds_no_resource_is_told_and_stops_nobody(client: SCIMTestClient) -> None:
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    LinkedAccount.objects.filter(pk=ann["id"]).update(resource="{")
    LinkedAccount.objects.filter(pk=bob["id"]).update(account_id="stale")

    drift = repair()

    assert (drift.repaired, drift.differing, drift.kept["unreadable"]) == (1, 0, 1)
    assert told() == ["account resource unreadable"]


@pytest.mark.parametrize("column", ["display_name", "display_name_key", "external_id"])
def test_column_of_a_group_is_found_and_repaired(client: SCIMTestClient, column: str) -> None:
    make_group(client, "Team")
    before: Any = ProvisionedGroup.objects.values().get()
    ProvisionedGroup.objects.update(**{column: '"stale"'})

    drift, (finding,) = compare()
    repair()

    assert (finding.resource_type, drift.differing) == ("Group", 1)
    assert [each.name for each in finding.differences] == [column]
    after: Any = ProvisionedGroup.objects.values().get()
    assert after == before
    assert told() == []


@pytest.mark.parametrize("kind", ["account", "group"])
@pytest.mark.parametrize("stale", ["{}", "last_modified", None])
def test_document_of_a_row_is_found_and_repaired(
    client: SCIMTestClient, kind: str, stale: str | None
) -> None:
    post(client, "ann@x.example", title="Chief")
    make_group(client, "Team")
    model: Any = {"account": AccountDocument, "group": GroupDocument}[kind]
    documents = model.objects.all()
    before: Any = documents.values().get()
    if stale is None:
        documents.delete()
    elif stale == "{}":
        documents.update(folded=stale)
    else:
        documents.update(last_modified=before["last_modified"] - timedelta(1))

    found = told()
    repair()

    assert found == [f"{kind} folded"]
    after: Any = documents.values().get()
    for row in (before, after):
        row["folded"] = orjson.loads(row["folded"])
    assert after == before
    assert told() == []


def test_group_without_a_resource_is_told(client: SCIMTestClient) -> None:
    make_group(client, "Team")
    ProvisionedGroup.objects.update(resource="{}")

    assert told() == ["group resource unreadable"]
