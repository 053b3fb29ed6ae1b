"""The commands: files, reports, what they refuse, and what other packages have left."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_scim_provider.importing import ImportOptions, import_people
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.people import connect, make_user

pytestmark = pytest.mark.django_db
HEADER = 'id,userName,externalId,active,title,Phone,"Cost centre"\n'
COLUMNS = (
    *("--column", 'Phone=phoneNumbers[type eq "work"].value'),
    *(
        "--column",
        f"Cost centre={'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'}:costCenter",
    ),
)


def run(*arguments: Any) -> str:
    """Return what the import of a file wrote to standard output."""
    out = io.StringIO()
    call_command("scim_import_csv", "acme", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def written(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_people_and_groups_come_from_files(tmp_path: Path) -> None:
    client = connect()
    make_user("ann")
    make_user("bob")
    people = written(
        tmp_path,
        f"{HEADER}a-1,ann,00u1,TRUE,Dr.,+1 5550100,c7\nb-2,bob,,no,,,\nc-3,carl,,,,,\n",
    )
    groups = written(tmp_path, "id,displayName,members\ng-1,Team,a-1; b-2\n", "groups.csv")
    report = tmp_path / "report.csv"

    told = run(people, *COLUMNS, "--groups", groups, "--trust-unverified", "--report", report)

    ann = client.get("/Users/a-1").json
    assert ann["phoneNumbers"] == [{"type": "work", "value": "+1 5550100"}]
    assert (ann["externalId"], ann["active"], ann["title"]) == ("00u1", True, "Dr.")
    assert "'costCenter': 'c7'" in str(ann)
    assert client.get("/Users/b-2").json["active"] is False
    assert len(client.get("/Groups/g-1").json["members"]) == 2
    assert told.splitlines() == [
        "User c-3 (row 3) skipped: the project has no such user",
        "users: 2 imported, 0 there already, 1 skipped.",
        "  1 skipped: the project has no such user",
        "groups: 1 imported, 0 there already, 0 skipped.",
    ]
    rows = csv.DictReader(report.read_text().splitlines())
    assert [row["outcome"] for row in rows] == ["imported", "imported", "skipped", "imported"]


def test_users_can_be_found_by_another_field(tmp_path: Path) -> None:
    connect()
    ann = make_user("ann", email="ann@corp.example")
    make_user("bob", email="twin@corp.example")
    make_user("carl", email="twin@corp.example")
    rows = "mail,id,title\nann@corp.example,1,Dr.\ntwin@corp.example,2,\n"
    path, report = written(tmp_path, rows), tmp_path / "report.jsonl"

    run(path, "--match", "mail=email", "--trust-unverified", "--report", report)

    assert LinkedAccount.objects.get().user == ann
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(line["id"], line["reason"]) for line in lines] == [
        ("1", ""),
        ("2", "several users of the project are meant"),
    ]


def test_unverified_addresses_need_the_word_of_the_operator(tmp_path: Path) -> None:
    connect()
    make_user("ann@corp.example")
    path = written(tmp_path, "userName\nann@corp.example\n")

    assert "1 skipped: the address is not verified" in run(path)
    assert "users: 1 imported" in run(path, "--trust-unverified")


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        pytest.param("", (), "needs a header", id="empty"),
        pytest.param("a,a\n1,2\n", (), "a name of its own", id="twice"),
        pytest.param("id\n1\n", (), "no column userName", id="no-user"),
        pytest.param(
            "userName\nann\n", ("--match", "userName=shoe"), "no field 'shoe'", id="field"
        ),
        pytest.param(
            "userName\nann\n", ("--column", "Phone=title"), "no column Phone", id="column"
        ),
        pytest.param('userName\n"ann\n', (), "no CSV", id="quote"),
        pytest.param("userName\nann\n", ("--report", "r.txt"), ".csv or .jsonl", id="report"),
        pytest.param("userName\nann\n", ("--batch-size", "0"), "1 to 5000", id="size"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, text: str, arguments: tuple[str, ...], reason: str
) -> None:
    connect()

    with pytest.raises(CommandError) as told:
        run(written(tmp_path, text), *arguments)

    assert reason in str(told.value)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("scim_import_django_scim2", "no table auth_user with the columns id, scim_id,"),
        ("scim_import_django_scim2_server", "no table django_scim2_server_scimuser with the"),
    ],
)
def test_tables_that_are_not_there_are_named(command: str, reason: str) -> None:
    connect()

    with pytest.raises(CommandError) as told:
        call_command(command, "acme")

    assert reason in str(told.value)


def test_people_come_from_any_queryset_by_a_mapping() -> None:
    client = connect()
    make_user("ann", first_name="Ann", last_name="Lee")
    users = get_user_model().objects.all()
    acme = ProviderConnection.objects.get()
    mapping: dict[str, Any] = {"id": lambda user: f"hr-{user.username}", "title": "last_name"}

    report = import_people(acme, users, mapping=mapping, options=ImportOptions())

    assert sum(report.counts.values()) == 1
    assert client.get("/Users/hr-ann").json["title"] == "Lee"


def test_rows_name_their_users_by_a_relation_or_a_value() -> None:
    connect()
    ann, bob = make_user("ann"), make_user("bob")
    acme = ProviderConnection.objects.get()
    rows = [{"who": str(ann.pk), "nr": 5}, {"who": bob, "nr": 6}, {"who": "x", "nr": 7}]

    import_people(acme, rows, mapping={"user": "who", "id": "nr"})

    found = LinkedAccount.objects.order_by("scim_id").values_list("scim_id", "user")
    assert list(found) == [("5", ann.pk), ("6", bob.pk)]
