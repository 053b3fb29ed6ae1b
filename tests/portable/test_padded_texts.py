"""Blanks at the end of a text count where they do not for ``=``, as on SQL Server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, TextField
from django.db.models.lookups import Exact, In

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.vendors.portable import Portable
from tests.portable.both_ways import by_orm
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db
TITLE = {"op": "replace", "path": "title", "value": "New"}


class Padding(Portable):
    """A database that compares as SQL Server does."""

    pads_texts = True


def _padding(lookup: Any, compiler: Any, connection: Any) -> Any:
    sql, params = type(lookup).as_sql(lookup, compiler, connection)
    if isinstance(lookup.lhs.output_field, CharField | TextField):
        left, _ = lookup.process_lhs(compiler, connection)
        sql = sql.replace(left, f"RTRIM({left})", 1).replace("%s", "RTRIM(%s)")
    return sql, params


@pytest.fixture(autouse=True)
def padding(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for kind in (Exact, In):
        monkeypatch.setattr(kind, f"as_{connection.vendor}", _padding, raising=False)
    with by_orm(kind=Padding):
        yield


@pytest.fixture
def user(scim_client: SCIMTestClient) -> dict[str, Any]:
    return scim_client.create_user("ann", externalId="e")


@pytest.fixture
def group(scim_client: SCIMTestClient, user: dict[str, Any]) -> str:
    body = {"schemas": [GROUP], "displayName": "g", "members": [{"value": user["id"]}]}
    return str(scim_client.request("POST", "/Groups", body).json["id"])


def test_database_takes_a_blank_for_nothing(user: dict[str, Any]) -> None:
    assert LinkedAccount.objects.filter(user_name="ann ", external_id__in=["e  "]).exists()


def test_id_with_a_blank_names_nobody(
    scim_client: SCIMTestClient, user: dict[str, Any], group: str
) -> None:
    for path in (f"/Users/{user['id']}%20", f"/Groups/{group}%20"):
        statuses = [
            scim_client.get(path).status,
            scim_client.patch(path, TITLE).status,
            scim_client.request("DELETE", path).status,
        ]
        assert statuses == [404] * 3
    for value in (f"{user['id']} ", f"{group} "):
        add = {"op": "add", "path": "members", "value": [{"value": value}]}
        assert scim_client.patch(f"/Groups/{group}", add).status == 400


@pytest.mark.parametrize(
    ("kind", "term"),
    [
        ("Users", 'userName eq "ann{}"'),
        ("Users", 'externalId eq "e{}"'),
        ("Users", 'id eq "{user}{}"'),
        ("Users", 'groups.value eq "{group}{}"'),
        ("Users", 'groups.display eq "g{}"'),
        ("Groups", 'displayName eq "g{}"'),
        ("Groups", 'id eq "{group}{}"'),
        ("Groups", 'members.value eq "{user}{}"'),
    ],
)
def test_filter_tells_texts_apart(
    scim_client: SCIMTestClient, user: dict[str, Any], group: str, kind: str, term: str
) -> None:
    def found(blank: str) -> int:
        asked = term.format(blank, user=user["id"], group=group)
        return int(scim_client.find(asked, kind).json["totalResults"])

    assert (found(""), found(" ")) == (1, 0)


def test_name_that_differs_by_a_blank_is_taken(
    scim_client: SCIMTestClient, user: dict[str, Any]
) -> None:
    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann "})

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert LinkedAccount.objects.count() == 1
