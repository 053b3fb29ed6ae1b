"""Whom nobody has proven to own their address is not linked: others may have registered them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from tests.people import connect, host_user, make_organization, make_user, post

pytestmark = pytest.mark.django_db

CEO = "ceo@corp.example"
TRUSTED = {"trusted_domains": ["corp.example"]}
BY_MEMBERSHIP = {"require_existing_org_membership": True}


class AdapterWithColumn(DefaultAdapter):
    """A project that keeps in a column of its own who has proven an address."""

    def is_email_verified(self, user: Any, email: str) -> bool | None:
        assert email == CEO
        return {"yes": True, "no": False}.get(user.last_name)


def everybody() -> Any:
    return get_user_model()._default_manager.all()


def verify(user: Any, **addresses: bool) -> None:
    """Give the user rows of allauth; addresses are named by their local part."""
    from allauth.account.models import EmailAddress

    for name, verified in addresses.items():
        EmailAddress.objects.create(user=user, email=f"{name}@corp.example", verified=verified)


@pytest.mark.parametrize("policy", [True, TRUSTED, {**TRUSTED, "trust_unverified": True}])
@pytest.mark.parametrize("password", [True, False])
def test_unverified_address_is_not_linked(scim_settings: Any, policy: Any, password: bool) -> None:
    scim_settings(LINK_EXISTING_USERS=policy)
    user = make_user(CEO)
    if not password:
        user.set_unusable_password()
        user.save()
    verify(user, ceo=False)

    answer = post(connect(), CEO)

    assert (answer.status, answer.json["detail"]) == (409, "userName is already in use.")
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("policy", [True, TRUSTED])
def test_verified_address_is_linked_with_its_password(scim_settings: Any, policy: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=policy, ALLOW_PASSWORD=True)
    user = make_user(CEO)
    verify(user, ceo=True)

    answer = post(connect(), CEO, password="from the directory")

    assert answer.status == 201
    user.refresh_from_db()
    assert user.check_password("own-password")


def test_member_of_an_organization_with_an_unverified_address_is_not_linked(
    scim_settings: Any,
) -> None:
    scim_settings(LINK_EXISTING_USERS=BY_MEMBERSHIP)
    make_organization("corp", **{CEO: "member"})
    verify(get_user_model()._default_manager.get(), ceo=False)

    assert post(connect(organization_id="corp"), CEO).status == 409


def test_member_of_an_organization_of_whose_address_nobody_knows_is_linked(
    scim_settings: Any,
) -> None:
    scim_settings(LINK_EXISTING_USERS={**TRUSTED, **BY_MEMBERSHIP})
    make_organization("corp", **{CEO: "member"})

    assert post(connect(organization_id="corp"), CEO).status == 201


@pytest.mark.parametrize("own", ["mallory@evil.example", ""])
def test_user_name_that_is_somebody_elses_address_is_not_linked(
    scim_settings: Any, own: str
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    verify(make_user(CEO, email=own), mallory=True)

    assert post(connect(), CEO).status == 409


def test_address_that_another_user_has_verified_is_not_linked(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    verify(make_user("real", email="other@corp.example"), ceo=True)
    make_user("mallory", email=CEO)

    assert post(connect(), "somebody", emails=[{"value": CEO}]).status == 409


def test_another_users_unverified_row_does_not_stand_in_the_way(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    verify(make_user("mallory", email="other@corp.example"), ceo=False)
    make_user(CEO)

    assert post(connect(), CEO).status == 201


@pytest.mark.parametrize(("login", "status"), [(False, 201), (True, 409)])
def test_second_source_links_whom_the_first_made_unless_somebody_got_in(
    scim_settings: Any, login: bool, status: int
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = host_user(post(connect("first"), CEO).json)  # allauth has the address as unverified
    if login:
        user.set_password("chosen")
        user.save()

    assert post(connect("second"), CEO).status == status


@pytest.mark.parametrize(
    ("policy", "known", "status"),
    [
        (TRUSTED, "yes", 201),
        (TRUSTED, "no", 409),
        (TRUSTED, "nobody knows", 409),
        ({**TRUSTED, "trust_unverified": True}, "nobody knows", 201),
        ({**TRUSTED, "trust_unverified": True}, "no", 409),
        (True, "nobody knows", 201),
        (True, "no", 409),
    ],
)
def test_adapter_says_who_has_proven_an_address(
    scim_settings: Any, policy: Any, known: str, status: int
) -> None:
    path = f"{__name__}.AdapterWithColumn"
    scim_settings(LINK_EXISTING_USERS=policy, ADAPTER=path)
    make_user(CEO, last_name=known)

    assert post(connect(), CEO).status == status


@pytest.mark.parametrize(
    ("arguments", "linked"),
    [
        (("--email-domain", "corp.example"), {"verified@corp.example", "sso@corp.example"}),
        (
            ("--email-domain", "corp.example", "--trust-unverified"),
            {"verified@corp.example", "sso@corp.example", "unknown@corp.example"},
        ),
        (
            ("--queryset", f"{__name__}.everybody"),
            {"verified@corp.example", "sso@corp.example", "unknown@corp.example"},
        ),
    ],
)
def test_command_leaves_out_unverified_addresses(
    capsys: Any, arguments: tuple[str, ...], linked: set[str]
) -> None:
    connect()
    verify(make_user("verified@corp.example"), verified=True)
    verify(make_user("unverified@corp.example"), unverified=False)
    make_user("unknown@corp.example")
    sso = make_user("sso@corp.example")
    sso.set_unusable_password()
    sso.save()

    call_command("scim_link_users", "acme", *arguments, "--commit")

    assert {account.user.username for account in LinkedAccount.objects.all()} == linked
    left_out = 4 - len(linked)
    assert f"Left out {left_out}: the address is not verified" in capsys.readouterr().out


@pytest.mark.parametrize("own", ["new@corp.example", "other@corp.example"])
def test_address_of_somebody_who_had_none_meets_those_of_the_log_in(own: str) -> None:
    from allauth.account.models import EmailAddress

    client = connect()
    person = post(client, "plain-name").json
    user = host_user(person)
    EmailAddress.objects.create(user=user, email=own, primary=True, verified=True)

    added = {"op": "add", "path": "emails", "value": [{"value": "new@corp.example"}]}
    answer = client.patch(f"/Users/{person['id']}", added)

    assert answer.status == 200, answer.text
    rows = EmailAddress.objects.filter(user=user).order_by("primary")
    kept = [("other@corp.example", False, True)] if own != "new@corp.example" else []
    assert [*rows.values_list("email", "primary", "verified")] == [
        *kept,
        ("new@corp.example", True, False),
    ]
