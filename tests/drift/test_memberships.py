"""Memberships of the connection's organization that differ, on three kinds of backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_scim_provider.insight.drift import Kept
from django_scim_provider.models import AccountDocument, LinkedAccount
from django_scim_provider.organizations import (
    BatchBackend,
    DjangoOrganizationsBackend,
    MembershipModelBackend,
)
from tests.drift.comparing import compare, repair, told
from tests.lifecycle.test_organizations import NoFlag, OwnModels, Package, connect_to
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db


class OneByOne(MembershipModelBackend):
    """A backend that answers for one user at a time only."""

    memberships_of = last_owners = can_grant = None  # type: ignore[assignment]


class Single(OwnModels):
    """Organizations of the project behind such a backend."""

    settings = {  # noqa: RUF012 - never changed
        "ORGANIZATION_BACKEND": "tests.drift.test_memberships.OneByOne"
    }


@pytest.fixture(params=[OwnModels, NoFlag, Package, Single])
def world(request: pytest.FixtureRequest, scim_settings: Callable[..., None]) -> Any:
    """Return a kind of organizations, in force."""
    world = request.param()
    scim_settings(**world.settings)
    return world


def test_backends_of_the_app_answer_for_many() -> None:
    assert isinstance(MembershipModelBackend(using="default"), BatchBackend)
    assert isinstance(DjangoOrganizationsBackend(using="default"), BatchBackend)
    assert not isinstance(OneByOne(using="default"), BatchBackend)


def test_members_as_they_were_provisioned_do_not_differ(world: Any) -> None:
    client = connect_to(world.make(make_user("boss")))
    post(client, "ann@x.example")
    post(client, "bob@x.example", active=False)
    set_active(client, post(client, "eve@x.example").json, False)

    assert told() == []


def test_missing_membership_is_told_and_added_where_that_is_asked_for(world: Any) -> None:
    client = connect_to(world.make(make_user("boss")))
    ann = post(client, "ann@x.example").json
    world.remove(host_user(ann))

    repair()
    kept = told()
    repair(reopen=True)

    assert kept == ["membership membership closed"]
    assert world.roles() == [("boss", "owner"), ("ann@x.example", "member")]
    assert told(reopen=True) == []


def test_membership_that_nobody_vouches_for_is_ended(world: Any) -> None:
    boss = make_user("boss")
    client = connect_to(world.make(boss))
    ann = post(client, "ann@x.example").json
    # The project's own changes: as if the deactivation had not reached them.
    account = LinkedAccount.objects.get(pk=ann["id"])
    text = account.resource.replace('"active":true', '"active":false')
    folded = account.document.folded.replace('"active":"true"', '"active":"false"')
    folded = folded.replace('"active": "true"', '"active": "false"')
    LinkedAccount.objects.update(resource=text, active=False)
    AccountDocument.objects.update(folded=folded)

    found = told()
    repair()

    assert found == ["user is_active", "membership membership"]
    assert world.roles() == [("boss", "owner")]
    assert not host_user(ann).is_active
    assert told() == []


def test_suspended_membership_is_told_and_restored_where_that_is_asked_for() -> None:
    client = connect(organization_id="corp")
    post(client, "ann@x.example")
    Membership.objects.update(is_active=False)

    kept = told()
    repair(reopen=True)

    assert kept == ["membership membership closed"]
    assert Membership.objects.get().is_active
    assert told(reopen=True) == []


def test_log_in_of_a_member_of_another_organization_is_theirs_too() -> None:
    client = connect(organization_id="corp")
    ann = post(client, "ann@x.example").json
    Membership.objects.create(organization=make_organization("other"), user=host_user(ann))
    set_active(client, ann, False)

    assert host_user(ann).is_active
    assert told() == []


def test_last_owner_is_told_as_protected(world: Any, scim_settings: Callable[..., None]) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    client = connect_to(world.make(make_user("boss@x.example")))
    post(client, "boss@x.example")
    account = LinkedAccount.objects.get()
    text = account.resource.replace('"active":true', '"active":false')
    LinkedAccount.objects.update(resource=text, active=False, version=2)

    drift, (finding,) = compare(repair=True)

    of_person = [each for each in finding.differences if each.part != "account"]
    assert {each.kept for each in of_person} == {Kept.PROTECTED}
    assert drift.kept["protected"] == len(of_person) > 0
    assert world.roles() == [("boss@x.example", "owner")]
    assert account.user.is_active


def test_members_without_an_account_are_none_of_the_connections() -> None:
    client = connect(organization_id="corp")
    post(client, "ann@x.example")
    make_organization("corp", boss="owner", guest="member")

    assert told() == []


def test_organization_of_a_project_that_gave_them_up_is_refused(
    scim_settings: Callable[..., None],
) -> None:
    connect(organization_id="corp")
    scim_settings(ORGANIZATION_BACKEND=None)

    with pytest.raises(CommandError, match="Organizations are not enabled"):
        call_command("scim_drift")


def test_user_of_no_organization_who_owns_one_is_protected(
    scim_settings: Callable[..., None],
) -> None:
    client: SCIMTestClient = connect()
    ann = post(client, "ann@x.example").json
    set_active(client, ann, False)
    user = host_user(ann)
    Membership.objects.create(organization=make_organization("corp"), user=user, role="owner")
    user.is_active = True
    user.save()

    assert told() == ["user is_active protected"]
