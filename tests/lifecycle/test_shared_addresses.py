"""A mailbox that several people share: those whom one connection made, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.users.uniqueness import SHARERS_LOOKED_AT
from tests.drift.comparing import repair
from tests.lifecycle.test_naming import made
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient
from tests.tenancy.models import Membership
from tests.verbs import Ask, every_verb

pytestmark = pytest.mark.django_db

User = get_user_model()
DESK = "Desk@corp.example"
TAKEN = "emails.value is already in use."


@pytest.fixture(autouse=True)
def _people_log_in_by_name(settings: Any) -> None:
    settings.ACCOUNT_UNIQUE_EMAIL = False


def mail(address: str = DESK) -> list[dict[str, Any]]:
    return [{"value": address, "primary": True}]


def bob(address: str = DESK) -> dict[str, Any]:
    return {"schemas": [CORE], "userName": "bob", "emails": mail(address)}


def addresses() -> list[str]:
    return sorted(User._default_manager.exclude(email="").values_list("email", flat=True))


@every_verb
@pytest.mark.parametrize("address", [DESK, DESK.upper()])
def test_people_whom_a_connection_made_share_an_address(ask: Ask, address: str) -> None:
    client = connect()
    ann = post(client, "ann", emails=mail()).json

    answer = ask(client, "/Users", bob(address))

    assert answer.status in (200, 201), answer.text
    assert answer.json["emails"] == mail(address)
    assert host_user(answer.json) != host_user(ann)
    assert {each.lower() for each in addresses()} == {DESK.lower()}
    assert len(addresses()) == 2
    assert client.find(f'emails eq "{DESK}"').json["totalResults"] == 2


def test_each_of_them_has_an_address_of_allauth() -> None:
    client = connect()
    shared = [post(client, name, emails=mail()).json for name in ("ann", "bob")]

    rows = EmailAddress.objects.filter(email=DESK.lower())

    assert {row.user for row in rows} == {host_user(each) for each in shared}
    assert not rows.filter(verified=True).exists()


def test_who_shares_an_address_may_be_renamed_and_deactivated() -> None:
    client = connect()
    ann = post(client, "ann", emails=mail()).json
    post(client, "bob", emails=mail())

    renamed = client.patch(
        f"/Users/{ann['id']}", {"op": "replace", "path": "userName", "value": "anna"}
    )
    closed = set_active(client, ann, False)

    assert (renamed.status, closed.status) == (200, 200), renamed.text
    assert host_user(ann).get_username() == "anna"


def test_address_of_somebody_inactive_may_be_shared() -> None:
    client = connect()
    ann = post(client, "ann", emails=mail(), active=False).json

    assert post(client, "bob", emails=mail()).status == 201
    assert not host_user(ann).is_active
    assert addresses() == [DESK, DESK]


def by_hand() -> SCIMTestClient:
    make_user("hand-made", email=DESK)
    return connect()


def by_another_connection() -> SCIMTestClient:
    assert post(connect("other"), "theirs", emails=mail()).status == 201
    return connect()


def staff() -> SCIMTestClient:
    make_user("boss", email=DESK, is_staff=True)
    return connect()


def superuser() -> SCIMTestClient:
    make_user("root", email=DESK, is_superuser=True)
    return connect()


def made_and_promoted() -> SCIMTestClient:
    client = connect()
    ann = host_user(post(client, "ann", emails=mail()).json)
    User._default_manager.filter(pk=ann.pk).update(is_staff=True)
    return client


def held_by_another_connection_as_well() -> SCIMTestClient:
    client = connect()
    ann = host_user(post(client, "ann", emails=mail()).json)
    theirs = post(connect("other"), "theirs").json
    LinkedAccount.objects.filter(scim_id=theirs["id"]).update(user=ann, created_user=False)
    return client


def member_of_another_organization() -> SCIMTestClient:
    client = connect(organization_id="corp")
    ann = host_user(post(client, "ann", emails=mail()).json)
    Membership.objects.create(organization=make_organization("elsewhere"), user=ann, role="member")
    return client


def linked() -> SCIMTestClient:
    client, _ = made()
    LinkedAccount.objects.update(created_user=False)
    User._default_manager.update(email=DESK)
    return client


def deleted() -> SCIMTestClient:
    client = connect()
    ann = post(client, "ann", emails=mail()).json
    user = host_user(ann)
    user.set_password("her own")
    user.save()
    assert client.request("DELETE", f"/Users/{ann['id']}").status == 204
    assert User._default_manager.filter(email=DESK).exists()
    return client


def one_of_ours_and_a_stranger() -> SCIMTestClient:
    client = connect()
    post(client, "ann", emails=mail())
    make_user("hand-made", email=DESK)
    return client


HOLDERS = [
    by_hand,
    by_another_connection,
    staff,
    superuser,
    made_and_promoted,
    held_by_another_connection_as_well,
    member_of_another_organization,
    linked,
    deleted,
    one_of_ours_and_a_stranger,
]


@every_verb
@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("address", [DESK, DESK.lower()])
def test_address_of_anybody_else_is_taken_in_one_sentence(
    ask: Ask, holder: Callable[[], SCIMTestClient], address: str
) -> None:
    client = holder()
    before = addresses()

    answer = ask(client, "/Users", bob(address))

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness"), answer.text
    assert answer.json["detail"] == TAKEN
    assert "Location" not in answer.headers
    assert addresses() == before


def test_reset_of_a_password_reaches_nobody_new_by_a_shared_address() -> None:
    """Django mails each user of an address at the address that the user has."""
    client = connect()
    ann = host_user(post(client, "ann", emails=mail()).json)
    ann.set_password("her own")
    ann.save()

    post(client, "bob", emails=mail())

    assert list(PasswordResetForm().get_users(DESK)) == [ann]


def test_repair_gives_a_shared_address_back() -> None:
    client = connect()
    ann, bob = (post(client, name, emails=mail()).json for name in ("ann", "bob"))
    User._default_manager.filter(pk=host_user(bob).pk).update(email="moved@corp.example")

    assert repair().repaired == 1

    assert host_user(bob).email == host_user(ann).email == DESK


def test_link_by_an_address_that_several_have_is_refused(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    client = connect()
    for name in ("ann", "bob"):
        post(client, name, emails=mail())

    answer = post(connect("other"), "carl", emails=mail())

    assert (answer.status, answer.json["detail"]) == (409, TAKEN)
    assert LinkedAccount.objects.count() == 2


def test_link_by_an_address_that_one_of_ours_has_too_is_refused(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    client = one_of_ours_and_a_stranger()

    answer = post(client, "bob", emails=mail())

    assert (answer.status, answer.json["detail"]) == (409, TAKEN)
    assert LinkedAccount.objects.count() == 1


def test_deleted_account_comes_back_beside_who_shares_its_address() -> None:
    client = connect()
    ann, bob = (post(client, name, emails=mail()).json for name in ("ann", "bob"))
    user = host_user(ann)
    user.set_password("her own")
    user.save()
    client.request("DELETE", f"/Users/{ann['id']}")

    back = post(client, "ann", emails=mail())

    assert back.status == 201, back.text
    assert host_user(back.json) == user
    assert host_user(bob).email == user.email


def test_new_address_takes_no_statement_more_than_before() -> None:
    client = connect()
    post(client, "ann", emails=mail())

    with CaptureQueriesContext(database) as alone:
        assert post(client, "bob", emails=mail("bob@corp.example")).status == 201
    with CaptureQueriesContext(database) as shared:
        assert post(client, "carl", emails=mail()).status == 201

    assert len(shared) - len(alone) <= 6


def test_mailbox_of_many_costs_the_same_statements() -> None:
    client = connect(organization_id="corp")
    costs = []
    for number in range(3 * SHARERS_LOOKED_AT // 2):
        with CaptureQueriesContext(database) as asked:
            assert post(client, f"user{number}", emails=mail()).status == 201
        costs.append(len(asked))

    assert len(set(costs[5:])) == 1
