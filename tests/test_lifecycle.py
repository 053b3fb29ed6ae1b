"""What provisioning does to the host's users; run in every host project."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model

from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.factories import make_connection
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


def host_user(user: dict[str, Any]) -> Any:
    """Return the host's user behind a SCIM user."""
    return LinkedAccount.objects.get(pk=user["id"]).user


def make_host_user(address: str, **fields: Any) -> Any:
    """Return a user that the project made itself."""
    model = get_user_model()
    return model._default_manager.create(
        **{model.USERNAME_FIELD: address, "email": address} | fields
    )


def test_created_user_has_what_the_resource_says(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user(
        "ann@x.example", name={"givenName": "Ann", "familyName": "Alpha"}
    )

    user = host_user(created)

    assert user.get_username() == "ann@x.example"
    assert user.email == "ann@x.example"
    assert user.is_active
    assert not user.has_usable_password()
    if hasattr(user, "first_name"):
        assert (user.first_name, user.last_name) == ("Ann", "Alpha")


def test_sent_password_opens_nothing(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann@x.example", password="Chosen-By-Somebody-1")

    assert authenticate(username="ann@x.example", password="Chosen-By-Somebody-1") is None


def test_password_is_set_where_the_host_allows_it(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(ALLOW_PASSWORD=True)

    scim_client.create_user("ann@x.example", password="Chosen-By-Somebody-1")

    assert authenticate(username="ann@x.example", password="Chosen-By-Somebody-1") is not None


def test_deactivation_makes_login_impossible_and_reactivation_possible(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(ALLOW_PASSWORD=True)
    created = scim_client.create_user("ann@x.example", password="pass-word-1")

    scim_client.patch(f"/Users/{created['id']}", {"op": "replace", "value": {"active": False}})
    closed = authenticate(username="ann@x.example", password="pass-word-1")
    scim_client.patch(f"/Users/{created['id']}", {"op": "replace", "path": "active", "value": True})

    assert closed is None
    assert authenticate(username="ann@x.example", password="pass-word-1") is not None


def test_put_without_active_leaves_an_inactive_user_inactive(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example", active=False)

    body = {"schemas": [CORE], "userName": "ann@x.example", "title": "T"}
    answer = scim_client.request("PUT", f"/Users/{created['id']}", body)

    assert answer.json["active"] is False
    assert not host_user(created).is_active


def test_renamed_user_follows(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example")

    operation = {"op": "replace", "path": "userName", "value": "new@x.example"}
    scim_client.patch(f"/Users/{created['id']}", operation)

    assert host_user(created).get_username() == "new@x.example"


@pytest.mark.parametrize("name", ["taken@x.example", "TAKEN@X.example"])
def test_existing_user_is_never_taken_over(scim_client: SCIMTestClient, name: str) -> None:
    existing = make_host_user("taken@x.example")

    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": name})

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert not LinkedAccount.objects.exists()
    assert get_user_model()._default_manager.get() == existing


@pytest.mark.parametrize("name", ["Boss@x.example", " boss@x.example", "boss\uff20x.example"])
def test_nobody_is_named_like_staff(scim_client: SCIMTestClient, name: str) -> None:
    make_host_user("boss@x.example", is_staff=True)
    created = scim_client.create_user("ann@x.example")
    emails = [{"value": "ann@x.example", "primary": True}, {"value": "boss@x.example"}]

    body = {"schemas": [CORE], "userName": name, "emails": [{"value": "other@x.example"}]}
    posted = scim_client.request("POST", "/Users", body)
    operation = {"op": "replace", "path": "emails", "value": emails}
    patched = scim_client.patch(f"/Users/{created['id']}", operation)

    # Where people log in by their address, one with a blank is none (400).
    assert posted.status in (409, 400 if name != name.strip() else 409)
    assert patched.status == 409


def test_user_cannot_be_renamed_to_an_existing_one(scim_client: SCIMTestClient) -> None:
    make_host_user("taken@x.example")
    created = scim_client.create_user("ann@x.example")

    operation = {"op": "replace", "path": "userName", "value": "Taken@x.example"}
    answer = scim_client.patch(f"/Users/{created['id']}", operation)

    assert answer.status == 409
    assert host_user(created).get_username() == "ann@x.example"


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_promoted_user_cannot_be_changed_any_more(scim_client: SCIMTestClient, flag: str) -> None:
    created = scim_client.create_user("ann@x.example")
    user = host_user(created)
    setattr(user, flag, True)
    user.save()
    path = f"/Users/{created['id']}"

    answers = [
        scim_client.patch(path, {"op": "replace", "path": "active", "value": False}),
        scim_client.request(
            "PUT", path, {"schemas": [CORE], "userName": "x@x.example", "active": True}
        ),
        scim_client.request("DELETE", path),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert scim_client.get(path).json["active"] is True
    assert host_user(created).is_active


def test_delete_removes_the_user_that_provisioning_made(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example")

    scim_client.request("DELETE", f"/Users/{created['id']}")

    assert not get_user_model()._default_manager.exists()


def test_delete_keeps_and_closes_a_user_with_a_password_of_its_own(
    scim_client: SCIMTestClient,
) -> None:
    created = scim_client.create_user("ann@x.example")
    user = host_user(created)
    user.set_password("own")
    user.save()

    scim_client.request("DELETE", f"/Users/{created['id']}")

    user.refresh_from_db()
    assert not user.is_active


def test_delete_only_deactivates_where_the_host_says_so(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(DEPROVISION="deactivate")
    created = scim_client.create_user("ann@x.example")
    user = host_user(created)

    scim_client.request("DELETE", f"/Users/{created['id']}")

    user.refresh_from_db()
    assert not user.is_active


def test_user_of_two_connections_stays_while_one_is_left(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example")
    account = LinkedAccount.objects.get()
    other = make_connection(provider_id="other")
    account.pk, account.provider = None, other
    LinkedAccount.objects.create(
        **{
            f.attname: getattr(account, f.attname)
            for f in LinkedAccount._meta.concrete_fields
            if not f.primary_key
        }
    )
    user = LinkedAccount.objects.get(provider=other).user
    path = f"/Users/{created['id']}"

    scim_client.patch(path, {"op": "replace", "path": "active", "value": False})
    user.refresh_from_db()
    active_with_one_source = user.is_active
    scim_client.request("DELETE", path)

    user.refresh_from_db()
    assert active_with_one_source
    assert user.is_active


def test_user_without_an_address_is_accepted_or_refused_by_the_user_model(
    scim_client: SCIMTestClient,
) -> None:
    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    named_by_address = get_user_model().USERNAME_FIELD == "email"
    assert answer.status == (400 if named_by_address else 201)


def test_too_long_name_is_refused_and_not_cut(scim_client: SCIMTestClient) -> None:
    body = {"schemas": [CORE], "userName": "a" * 260 + "@x.example"}

    answer = scim_client.request("POST", "/Users", body)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert not get_user_model()._default_manager.exists()


def test_owner_of_a_connection_is_left_alone_by_it(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example")
    ProviderConnection.objects.update(owner=host_user(created))
    path = f"/Users/{created['id']}"

    inactive = scim_client.patch(path, {"op": "replace", "path": "active", "value": False})
    host_user(created).__class__._default_manager.update(is_active=False)
    closed = scim_client.get(path)

    assert inactive.status == 403
    assert closed.status == 401
