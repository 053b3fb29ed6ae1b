"""What DELETE leaves: users, and never half of a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount, ProvisioningEvent, Tombstone
from django_scim_provider.storage.users.host_users import HostUsers
from tests.lifecycle.test_returning import keep, link_again
from tests.people import connect, host_user, make_organization, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership, Team, TeamMember

STORE = "django_scim_provider.storage.users.store"

pytestmark = pytest.mark.django_db

User = get_user_model()


def delete(client: SCIMTestClient, user: dict[str, Any]) -> int:
    return client.request("DELETE", f"/Users/{user['id']}").status


def test_last_account_takes_the_user_with_it() -> None:
    client, other = connect(), connect("other")
    created = post(client, "ann@x.example").json
    second = {"id": link_again(created, "other", created_user=False).scim_id}

    first_answer, after_first = delete(client, created), User._default_manager.count()
    second_answer, after_second = delete(other, second), User._default_manager.count()

    assert (first_answer, after_first) == (204, 1)
    assert (second_answer, after_second) == (204, 0)


def test_deleted_twice_is_404() -> None:
    client = connect()
    created = post(client, "ann@x.example").json

    assert [delete(client, created), delete(client, created)] == [204, 404]


@pytest.mark.parametrize("login", ["password", "allauth", "social-auth"])
def test_user_with_another_way_to_log_in_is_closed_and_kept(login: str) -> None:
    from allauth.socialaccount.models import SocialAccount
    from social_django.models import UserSocialAuth

    client = connect()
    created = post(client, "ann@x.example").json
    user = host_user(created)
    if login == "password":
        user.set_password("own")
        user.save()
    elif login == "allauth":
        SocialAccount.objects.create(user=user, provider="google", uid="1")
    else:
        UserSocialAuth.objects.create(user=user, provider="google-oauth2", uid="1")

    assert delete(client, created) == 204

    user.refresh_from_db()
    assert user.is_active is False
    assert not LinkedAccount.objects.exists()


def test_protected_user_is_closed_instead_of_deleted() -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    user = keep(created)

    assert delete(client, created) == 204

    user.refresh_from_db()
    assert user.is_active is False


def test_organization_loses_the_member_and_its_teams_and_keeps_the_user() -> None:
    client = connect(organization_id="corp")
    created = post(client, "ann@x.example", externalId="e1").json
    user = host_user(created)
    team = Team.objects.create(organization_id="corp")
    elsewhere = Team.objects.create(organization=make_organization("other"))
    TeamMember.objects.create(team=team, user=user)
    TeamMember.objects.create(team=elsewhere, user=user)

    assert delete(client, created) == 204

    user.refresh_from_db()
    assert user.is_active is False
    assert not Membership.objects.exists()
    assert TeamMember.objects.get().team == elsewhere
    assert Tombstone.objects.get().user == user


def test_member_of_another_organization_keeps_the_log_in() -> None:
    client = connect(organization_id="corp")
    created = post(client, "ann@x.example").json
    user = host_user(created)
    Membership.objects.create(organization=make_organization("other"), user=user)

    set_active(client, created, False)
    suspended = Membership.objects.get(organization_id="corp").is_active
    delete(client, created)

    user.refresh_from_db()
    assert suspended is False
    assert user.is_active
    assert Membership.objects.get().organization_id == "other"


def failing(**_: Any) -> None:
    raise RuntimeError("the sessions are somewhere else today")


class FailingAdapter(DefaultAdapter):
    """Cannot write users any more."""

    def update_user(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no")

    def delete_user(self, user: Any) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize("organization_id", [None, "corp"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
@pytest.mark.parametrize("fault", ["adapter", "revoker", "database", "tombstone", "event"])
def test_nothing_is_half_done_when_a_step_fails(
    scim_settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    organization_id: str | None,
    method: str,
    fault: str,
) -> None:
    client = connect(organization_id=organization_id)
    created = post(client, "ann@x.example", externalId="e1").json
    keep(created)
    if organization_id is not None:
        team = Team.objects.create(organization_id=organization_id)
        TeamMember.objects.create(team=team, user=host_user(created))

    def database_error(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("the server went away")

    if fault == "adapter":
        scim_settings(ADAPTER="tests.lifecycle.test_deletion.FailingAdapter")
    elif fault == "revoker":
        scim_settings(REVOKERS=["tests.lifecycle.test_deletion.failing"])
    elif fault == "database":
        monkeypatch.setattr(HostUsers, "revoke", database_error)
    elif fault == "tombstone":
        monkeypatch.setattr(
            "django_scim_provider.storage.users.store.create_tombstone", database_error
        )
    else:
        for module in ("store", "writing.account_changes"):
            monkeypatch.setattr(
                f"django_scim_provider.storage.users.{module}.record_change", database_error
            )
    before = picture()
    if method == "DELETE":
        status = delete(client, created)
    else:
        status = set_active(client, created, False).status

    assert status in ((204, 200) if (fault, method) == ("tombstone", "PATCH") else (500, 503))
    if (fault, method) != ("tombstone", "PATCH"):
        assert picture() == before
    assert not ProvisioningEvent.objects.filter(action=method, outcome="done").exists()


def picture() -> list[Any]:
    """Return everything that a deletion or deactivation may change."""
    return [
        list(User._default_manager.values("pk", "is_active", "password", "username")),
        list(LinkedAccount.objects.values("pk", "active", "version", "released_at")),
        list(Membership.objects.values("organization_id", "user_id", "is_active")),
        TeamMember.objects.count(),
        Tombstone.objects.count(),
        ProvisioningEvent.objects.filter(outcome="done").count(),
    ]


def test_failing_revoker_is_503_with_a_time_to_come_back(scim_settings: Any) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    scim_settings(REVOKERS=["tests.lifecycle.test_deletion.failing"])

    answer = set_active(client, created, False)
    scim_settings(REVOKERS=[])
    again = set_active(client, created, False)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (again.status, host_user(created).is_active) == (200, False)
