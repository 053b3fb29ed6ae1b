"""Who is who: log-in knows nothing of provisioning, and names that look alike are different."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth import authenticate, get_backends, get_user_model
from django.db.models import Q

from django_scim_provider.models import LinkedAccount
from tests.factories import make_connection, make_token
from tests.parallel import in_parallel
from tests.people import make_user
from tests.scim_client import CORE, SCIMTestClient

CYRILLIC = "\u0430dmin"
"""Looks like ``admin``; its first letter is U+0430."""


@pytest.mark.django_db
def test_link_opens_no_log_in(scim_client: SCIMTestClient) -> None:
    created = scim_client.create_user("ann@x.example", externalId="E1", password="Sesame-12345")

    for name in ("ann@x.example", "E1", created["id"], "acme"):
        for password in ("Sesame-12345", "E1", "", created["id"], str(scim_client.token)):
            assert authenticate(None, username=name, password=password) is None
    assert not [backend for backend in get_backends() if "scim" in type(backend).__module__.lower()]


@pytest.mark.django_db
def test_name_that_looks_like_another_is_never_taken_for_it(scim_client: SCIMTestClient) -> None:
    admin = make_user("admin", is_superuser=True, is_staff=True)

    created = scim_client.create_user(CYRILLIC)

    assert LinkedAccount.objects.get(pk=created["id"]).user_id != admin.pk
    assert scim_client.find('userName eq "admin"').json["totalResults"] == 0
    assert scim_client.find(f'userName eq "{CYRILLIC}"').json["totalResults"] == 1
    assert get_user_model()._default_manager.get_by_natural_key("admin") == admin


@pytest.mark.django_db(transaction=True)
def test_last_two_to_let_go_of_a_user_do_it_once() -> None:
    tokens = [make_token(provider_id="one"), make_token(provider_id="two")]
    for number in range(5):
        name = f"ann{number}@x.example"
        ids = [SCIMTestClient(tokens[0]).create_user(name)["id"]]
        account = LinkedAccount.objects.get(pk=ids[0])
        user = account.user
        account.pk, account.provider_id, account._state.adding = None, "two", True
        account.pk = LinkedAccount._meta.pk.get_default()
        ids.append(str(account.pk))
        account.scim_id = ids[1]
        account.resource = account.resource.replace(ids[0], ids[1])
        account.save(force_insert=True)

        def delete(which: int, ids: list[str] = ids) -> int:
            return SCIMTestClient(tokens[which]).request("DELETE", f"/Users/{ids[which]}").status

        assert Counter(in_parallel(2, delete)) == {204: 2}
        assert not LinkedAccount.objects.filter(user_id=user.pk).exists()
        assert not get_user_model()._default_manager.filter(pk=user.pk, is_active=True).exists()


@pytest.mark.django_db
def test_service_accounts_of_the_project_are_neither_listed_nor_found(
    scim_client: SCIMTestClient,
) -> None:
    robot = make_user("robot")
    make_connection(provider_id="other")
    scim_client.create_user("ann@x.example")

    listed = scim_client.get("/Users").json

    assert [each["userName"] for each in listed["Resources"]] == ["ann@x.example"]
    assert scim_client.get(f"/Users/{robot.pk}").status == 404
    assert scim_client.find('userName eq "robot"').json["totalResults"] == 0
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "g"}
    member = {**group, "members": [{"value": str(robot.pk)}]}
    assert scim_client.request("POST", "/Groups", member).status == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attributes",
    [
        {"is_superuser": True, "is_staff": True, "user_permissions": [1]},
        {"isSuperuser": True, "superuser": True, "roles": [{"value": "owner"}]},
        {"entitlements": [{"value": "admin"}], "userType": "admin", "groups": [{"value": "x"}]},
        {"id": "1", "pk": 1, "user": 1, "user_id": 1, "provider": "other", "owner": 1},
    ],
)
def test_what_a_body_claims_gives_no_rights(
    scim_client: SCIMTestClient, attributes: dict[str, object]
) -> None:
    boss = make_user("boss", is_superuser=True, is_staff=True)
    before = get_user_model()._default_manager.filter(pk=boss.pk).values().get()
    body = {"schemas": [CORE], "userName": "ann@x.example", **attributes}

    answer = scim_client.request("POST", "/Users", body)

    assert answer.status in (201, 400)
    users = get_user_model()._default_manager
    assert not users.exclude(pk=boss.pk).filter(Q(is_superuser=True) | Q(is_staff=True)).exists()
    assert not users.filter(Q(groups__isnull=False) | Q(user_permissions__isnull=False)).exists()
    assert users.filter(pk=boss.pk).values().get() == before
