"""Accounts that come back: tombstones of deleted ones, and inactive ones posted again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.models.fields import CONNECTION_KEY
from django_scim_provider.storage.sql.documents import account_documents
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.tenancy.models import Invoice

pytestmark = pytest.mark.django_db


def keep(resource: dict[str, Any]) -> Any:
    """Make the user behind a resource one that cannot be deleted, and return it."""
    user = host_user(resource)
    Invoice.objects.create(user=user)
    return user


def test_recreated_account_finds_its_user_again_under_a_new_id() -> None:
    client = connect()
    first = post(client, "ann@x.example", externalId="e1").json
    user = keep(first)

    client.request("DELETE", f"/Users/{first['id']}")
    user.refresh_from_db()
    closed = user.is_active
    emails = [{"value": "ann.new@x.example"}]
    second = post(client, "ann@x.example", externalId="e1", emails=emails)

    assert closed is False
    assert second.status == 201
    assert second.json["id"] != first["id"]
    assert host_user(second.json) == user
    user.refresh_from_db()
    assert (user.is_active, user.username) == (True, "ann@x.example")
    assert user.email == "ann.new@x.example"
    assert not Tombstone.objects.exists()


def test_return_after_deactivation_and_deletion_opens_the_log_in() -> None:
    client = connect()
    first = post(client, "ann@x.example", externalId="e1").json
    user = keep(first)
    set_active(client, first, False)
    client.request("DELETE", f"/Users/{first['id']}")

    post(client, "ann@x.example", externalId="e1")

    user.refresh_from_db()
    assert user.is_active


def test_return_does_not_open_what_the_project_closed() -> None:
    client, other = connect(), connect("other")
    first = post(client, "ann@x.example", externalId="e1").json
    user = keep(first)
    link_again(first, "other", active=True)
    client.request("DELETE", f"/Users/{first['id']}")
    user.refresh_from_db()
    assert user.is_active
    get_user_model()._default_manager.update(is_active=False)

    post(client, "ann@x.example", externalId="e1")

    user.refresh_from_db()
    assert other.get("/Users").json["totalResults"] == 1
    assert user.is_active is False


def link_again(resource: dict[str, Any], provider_id: str, **changes: Any) -> LinkedAccount:
    """Give the user of an account another account, of another connection."""
    account = LinkedAccount.objects.get(scim_id=resource["id"])
    values = {
        field.attname: getattr(account, field.attname)
        for field in LinkedAccount._meta.concrete_fields
        if not field.primary_key and field.name != "scim_id"
    }
    changes = {"manages_profile": False, "created_user": False, **changes}
    made = LinkedAccount.objects.create(**{**values, **changes, "provider_id": provider_id})
    folded = json.loads(account.document.folded)
    folded.pop(CONNECTION_KEY, None)  # the document says whose it is where it is indexed as a whole
    account_documents.mend("default", made, json.dumps(folded, separators=(",", ":")))
    return made


def test_other_connection_does_not_find_the_tombstone() -> None:
    client, other = connect(), connect("other")
    first = post(client, "ann@x.example", externalId="e1").json
    keep(first)
    client.request("DELETE", f"/Users/{first['id']}")

    assert post(other, "ann@x.example", externalId="e1").status == 409
    assert Tombstone.objects.count() == 1


def test_user_promoted_after_the_deletion_is_not_given_back() -> None:
    client = connect()
    first = post(client, "ann@x.example", externalId="e1").json
    user = keep(first)
    client.request("DELETE", f"/Users/{first['id']}")
    get_user_model()._default_manager.filter(pk=user.pk).update(is_staff=True)

    answer = post(client, "ann@x.example", externalId="e1")

    # As for any name that is an existing user's: whether that is staff is not told.
    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert not LinkedAccount.objects.exists()


def test_name_that_somebody_else_took_in_between_is_409() -> None:
    client = connect()
    first = post(client, "ann@x.example", externalId="e1").json
    keep(first)
    client.request("DELETE", f"/Users/{first['id']}")
    make_user("new@x.example")

    answer = post(client, "new@x.example", externalId="e1")

    assert answer.status == 409
    assert Tombstone.objects.count() == 1


@pytest.mark.parametrize("organization_id", [None, "corp"])
@pytest.mark.parametrize(("before", "after"), [(None, None), (None, "e1"), ("e1", None)])
def test_name_of_a_deleted_account_is_free_again(
    organization_id: str | None, before: str | None, after: str | None
) -> None:
    client = connect(organization_id=organization_id)
    first = post(client, "ann@x.example", **({"externalId": before} if before else {})).json
    user = keep(first)
    client.request("DELETE", f"/Users/{first['id']}")

    second = post(client, "ANN@x.example", **({"externalId": after} if after else {}))

    assert second.status == 201
    assert second.json["id"] != first["id"]
    assert host_user(second.json) == user
    assert host_user(second.json).is_active


@pytest.mark.parametrize("organization_id", [None, "corp"])
@pytest.mark.parametrize("policy", [True, False])
@pytest.mark.parametrize(("before", "after"), [(None, None), ("e1", "e1"), ("e1", None)])
def test_linked_account_comes_back_after_its_deletion(
    scim_settings: Any,
    policy: bool,
    before: str | None,
    after: str | None,
    organization_id: str | None,
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example", first_name="Old")
    client = connect(organization_id=organization_id)
    if organization_id:
        make_organization(organization_id, **{"ann@x.example": "member"})
    linked = post(client, "ann@x.example", **({"externalId": before} if before else {})).json
    client.request("DELETE", f"/Users/{linked['id']}")
    scim_settings(LINK_EXISTING_USERS=policy)

    answer = post(client, "ANN@x.example", **({"externalId": after} if after else {}))

    assert answer.status == 201, answer.text
    account = LinkedAccount.objects.get()
    assert (account.user, account.created_user, account.manages_profile) == (user, False, False)
    before_password = user.password
    user.refresh_from_db()
    assert (user.is_active, user.first_name, user.username) == (True, "Old", "ann@x.example")
    assert user.password == before_password
    assert not Tombstone.objects.exists()


@pytest.mark.parametrize(("policy", "status"), [(True, 201), (False, 409)])
def test_linked_user_of_another_external_id_comes_back_by_the_policy_alone(
    scim_settings: Any, policy: bool, status: int
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example")
    client = connect()
    linked = post(client, "ann@x.example", externalId="e1").json
    client.request("DELETE", f"/Users/{linked['id']}")
    scim_settings(LINK_EXISTING_USERS=policy)

    answer = post(client, "ann@x.example", externalId="e2")

    user.refresh_from_db()
    assert answer.status == status
    assert user.is_active is policy


@pytest.mark.parametrize("closed_by", ["project", "other-connection", "account-says-inactive"])
def test_only_a_log_in_that_the_deletion_closed_is_opened(
    scim_settings: Any, closed_by: str
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example")
    client, other = connect(), connect("other")
    linked = post(client, "ann@x.example").json
    if closed_by == "project":
        get_user_model()._default_manager.update(is_active=False)
    client.request("DELETE", f"/Users/{linked['id']}")
    asking = other if closed_by == "other-connection" else client

    active = closed_by != "account-says-inactive"
    answer = post(asking, "ann@x.example", active=active)

    user.refresh_from_db()
    assert answer.status == (409 if closed_by == "other-connection" else 201)
    assert user.is_active is False


def test_linked_user_who_became_staff_is_not_linked_again(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example")
    client = connect()
    linked = post(client, "ann@x.example").json
    client.request("DELETE", f"/Users/{linked['id']}")
    get_user_model()._default_manager.filter(pk=user.pk).update(is_staff=True)

    assert post(client, "ann@x.example").status == 409
    assert not LinkedAccount.objects.exists()


def test_deleted_user_leaves_no_tombstone() -> None:
    client = connect()
    first = post(client, "ann@x.example", externalId="e1").json

    client.request("DELETE", f"/Users/{first['id']}")

    assert not Tombstone.objects.exists()


@pytest.mark.parametrize("profile", ["okta", "entra"])
@pytest.mark.parametrize("sent", ["same", "no-external-id", "other-case"])
def test_inactive_account_comes_back_where_the_profile_says_so(profile: str, sent: str) -> None:
    client = connect(profile=profile)
    first = post(client, "ann@x.example", externalId="e1").json
    if sent == "no-external-id":
        LinkedAccount.objects.update(external_id=None)
    set_active(client, first, False)

    name = "ANN@x.example" if sent == "other-case" else "ann@x.example"
    answer = post(client, name, externalId="e1", title="T")

    assert (answer.status, answer.json["id"]) == (200, first["id"])
    assert (answer.json["active"], answer.json["title"]) == (True, "T")
    assert host_user(first).is_active
    assert LinkedAccount.objects.count() == 1


@pytest.mark.parametrize("profile", ["generic", "strict", "google"])
def test_inactive_account_is_a_conflict_elsewhere(profile: str) -> None:
    client = connect(profile=profile)
    first = post(client, "ann@x.example").json
    set_active(client, first, False)

    answer = post(client, "ann@x.example")

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert not host_user(first).is_active


def test_active_account_is_a_conflict_everywhere() -> None:
    client = connect(profile="okta")
    post(client, "ann@x.example")

    assert post(client, "ann@x.example").status == 409


def test_account_of_another_external_id_is_somebody_else() -> None:
    client = connect(profile="okta")
    first = post(client, "ann@x.example", externalId="e1").json
    set_active(client, first, False)

    assert post(client, "ann@x.example", externalId="e2").status == 409


def test_account_comes_back_though_its_user_was_renamed_by_the_project() -> None:
    client = connect(profile="okta")
    first = post(client, "ann@x.example").json
    set_active(client, first, False)
    get_user_model()._default_manager.update(username="renamed", email="renamed@x.example")

    answer = post(client, "ann@x.example")

    assert (answer.status, answer.json["id"]) == (200, first["id"])
    assert get_user_model()._default_manager.count() == 1
