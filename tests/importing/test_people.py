"""People of another implementation become accounts that identity providers know already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.importing import (
    ImportedPerson,
    ImportOptions,
    ImportReport,
    ReportLine,
    import_people,
)
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.characteristics.declarations import USER_TRAITS
from tests.ids_from_elsewhere import group
from tests.people import connect, make_organization, make_user, post

pytestmark = pytest.mark.django_db
BADGE, CODE = f"{USER_TRAITS.id}:badge", f"{USER_TRAITS.id}:code"
LONG_AGO = datetime(2020, 5, 1, 12, 30, tzinfo=UTC)


def acme() -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


def person(user: Any, id: str | None = "7", **more: Any) -> ImportedPerson:
    return ImportedPerson(user=user, id=id, name=f"user {user.pk}" if user else "row", **more)


def told(*people: ImportedPerson, **options: Any) -> list[str]:
    """Import, and return what the report says of each."""
    lines: list[ReportLine] = []
    import_people(
        acme(), people, options=ImportOptions(**options), report=ImportReport(lines.append)
    )
    return [f"{line.outcome}: {line.reason}".removesuffix(": ") for line in lines]


def test_identity_provider_finds_who_was_imported() -> None:
    client = connect()
    ann = make_user("ann@corp.example", first_name="Ann", is_active=False)
    before = dict(vars(ann))

    content = {"externalId": "00u1", "userName": "Ann@corp.example", "displayName": "Ann L."}
    done = told(person(ann, "7", resource=content, created=LONG_AGO))

    found = client.get("/Users/7").json
    assert done == ["imported"]
    assert (found["id"], found["externalId"], found["active"]) == ("7", "00u1", False)
    assert (found["userName"], found["displayName"]) == ("Ann@corp.example", "Ann L.")
    assert found["name"] == {"givenName": "Ann"}
    assert found["meta"]["created"] == "2020-05-01T12:30:00.000Z"
    assert found["meta"]["lastModified"] > found["meta"]["created"]
    account = LinkedAccount.objects.get()
    assert (account.user, account.created_user, account.manages_profile) == (ann, False, True)
    ann.refresh_from_db()
    assert {name: vars(ann)[name] for name in before if name != "_state"} == {
        name: value for name, value in before.items() if name != "_state"
    }
    assert ProvisioningEvent.objects.filter(action="adopt", resource_id="7").count() == 1


def test_import_that_is_run_again_finishes_and_doubles_nothing() -> None:
    client = connect()
    ann, bob = make_user("ann"), make_user("bob")
    told(person(ann, "1"))
    client.patch("/Users/1", {"op": "replace", "path": "title", "value": "Dr."})

    assert told(person(ann, "1"), person(bob, "2")) == ["there", "imported"]
    assert client.get("/Users/1").json["title"] == "Dr."
    assert LinkedAccount.objects.count() == 2


def test_dry_run_tells_the_same_and_writes_nothing() -> None:
    connect()
    ann, bob, boss = make_user("ann"), make_user("bob"), make_user("boss", is_staff=True)
    twin = person(bob, "2", resource={"userName": "ANN"})
    people = [person(ann, "1"), twin, person(boss, "3")]

    dry = told(*people, dry_run=True, batch_size=1)

    assert not LinkedAccount.objects.exists()
    assert dry == told(*people, batch_size=1)
    assert dry == [
        "imported",
        "skipped: the connection has the name for somebody else",
        "skipped: protected, such as staff",
    ]


def test_protected_people_come_only_by_name() -> None:
    connect()
    boss, root = make_user("boss", is_staff=True), make_user("root", is_superuser=True)

    done = told(person(boss, "1"), person(root, "2"), protected={"boss"})

    assert done == ["imported", "skipped: protected, such as staff"]


def test_nobody_is_imported_beside_somebody_protected_or_over_somebody_else() -> None:
    client = connect(owner=(owner := make_user("owner")))
    make_user("boss", is_staff=True)
    ann, bob, carl = make_user("ann"), make_user("bob"), make_user("carl")
    post(client, "dora")
    told(person(ann, "1"))

    assert told(
        person(owner, "2"),
        person(bob, "1"),
        person(ann, "9"),
        person(bob, "2", resource={"userName": "BOSS"}),
        person(bob, "2", resource={"userName": "dora"}),
        person(bob, "a/b"),
        person(None, "4"),
        person(carl, "5", values={"salary": "1"}),
        person(carl, "5", problem="the source says so"),
    ) == [
        "skipped: the owner of the connection",
        "skipped: somebody else has the id",
        "skipped: the user has an account of the connection under another id",
        "skipped: named like somebody who is protected, such as staff",
        "skipped: the connection has the name for somebody else",
        "skipped: 'a/b' cannot be the id of a resource: it has a slash, which would divide its "
        "address.",
        "skipped: the project has no such user",
        "skipped: salary is not an attribute of User.",
        "skipped: the source says so",
    ]


def test_users_may_have_the_ids_of_groups_unless_these_are_members() -> None:
    connect()
    group("1", name="plain")
    group("2", name="child")
    outer = group("3", "2", name="outer")
    ann, bob = make_user("ann"), make_user("bob")

    assert told(person(ann, "1"), person(bob, "2")) == [
        "imported",
        "skipped: a group that is a member of another group has the id",
    ]
    assert ProvisionedGroup.objects.get(scim_id=outer).members.count() == 1


def test_people_of_an_organization_are_its_members() -> None:
    make_organization("corp", ann="member")
    connect(organization_id="corp")
    ann, bob = get_user_model().objects.get(), make_user("bob")

    assert told(person(ann, "1"), person(bob, "2")) == [
        "imported",
        "skipped: no member of the organization",
    ]


def test_one_of_a_batch_cannot_keep_the_others_out(scim_settings: Callable[..., None]) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.characteristics.declarations.USER_TRAITS"]})
    connect()
    people = [make_user(name) for name in ("ann", "bob", "carl")]
    badges = ("1", "1", "2")

    done = told(
        *(
            person(user, f"id-{user.pk}", values={BADGE: badge, CODE: "c"})
            for user, badge in zip(people, badges, strict=True)
        )
    )

    assert done[0] == done[2] == "imported"
    assert "already in use" in done[1]


def test_statements_do_not_grow_with_the_batch() -> None:
    connect()
    counted = []
    for first, number in ((0, 3), (100, 30)):
        people = [person(make_user(f"u{n}"), f"i{n}") for n in range(first, first + number)]
        with CaptureQueriesContext(database) as queries:
            assert told(*people) == ["imported"] * number
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 20


def test_users_that_are_counted_as_made_follow_and_are_deleted() -> None:
    client = connect()
    ann = make_user("ann")
    ann.set_unusable_password()
    ann.save()

    told(person(ann, "1"), made_here=True)
    answer = client.patch("/Users/1", {"op": "replace", "path": "userName", "value": "anna"})

    ann.refresh_from_db()
    assert (answer.status, ann.username) == (200, "anna")
    assert client.request("DELETE", "/Users/1").status == 204
    assert not type(ann).objects.filter(pk=ann.pk).exists()


def test_closed_connection_takes_nobody_in() -> None:
    connect(enabled=False)

    with pytest.raises(ValidationError):
        told(person(make_user("ann")))
