"""Two owners who go at the same time: the one who is left then stays."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from zlib import crc32

import pytest

from django_scim_provider.models import Turn
from django_scim_provider.organizations import MembershipModelBackend
from django_scim_provider.storage.transactions.row_turns import ROWS
from tests.lifecycle.test_organizations import OwnModels, connect_to
from tests.parallel import in_parallel
from tests.people import make_user, post, set_active
from tests.portable.both_ways import Optimistic, by_orm
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)


class ByFounder(MembershipModelBackend):
    """Has one owner of each organization, who needs neither a role nor a membership."""

    def is_protected(self, organization_id: str, user: Any) -> bool:
        """Protect the founder."""
        return bool(user.get_username() == "founder@x.example")


@pytest.fixture
def client(scim_settings: Any) -> SCIMTestClient:
    """Return the client of an organization with two owners, who are linked when they are sent."""
    scim_settings(LINK_EXISTING_USERS=True)
    client = connect_to(OwnModels().make(make_user("ann@x.example")))
    Membership.objects.create(
        organization_id="corp", user=make_user("bob@x.example"), role="admin,owner"
    )
    return client


def is_taken() -> bool:
    name = f"lock:{crc32(b'owners:corp') % ROWS}"
    return Turn.objects.filter(name=name).exists()


def test_one_of_them_is_refused(client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [post(client, f"{name}@x.example").json for name in ("ann", "bob")]
    barrier, ask = Barrier(2), MembershipModelBackend.is_protected

    def ask_together(self: Any, *args: Any) -> bool:
        found = ask(self, *args)
        with suppress(BrokenBarrierError):  # Where they wait for each other, one asks later.
            barrier.wait(1)
        return found

    monkeypatch.setattr(MembershipModelBackend, "is_protected", ask_together)
    answers = in_parallel(2, lambda number: set_active(client, both[number], False).status)

    assert sorted(answers) == [200, 403]
    assert Membership.objects.filter(is_active=True).count() == 1


def test_turn_is_taken_for_owners_alone_where_there_are_no_locks(client: SCIMTestClient) -> None:
    with by_orm(kind=Optimistic):
        member, owner = (post(client, f"{name}@x.example").json for name in ("eve", "bob"))
        set_active(client, member, False)
        of_member = is_taken()
        set_active(client, owner, False)

    assert (of_member, is_taken()) == (False, True)


def test_turn_is_taken_for_everybody_where_the_project_has_a_rule_of_its_own(
    client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{__name__}.ByFounder")
    with by_orm(kind=Optimistic):
        member = post(client, "eve@x.example").json
        answer = set_active(client, member, False)

    assert (answer.status, is_taken()) == (200, True)
