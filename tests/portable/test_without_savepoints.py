"""What the app does where nothing of a transaction can be undone alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.organizations import MembershipModelBackend
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.tokens.service import revoke_tokens_of_owner
from tests.people import make_user
from tests.portable.watching.watch import Watch
from tests.tenancy.models import Membership, Organization


class AddedMeanwhile(MembershipModelBackend):
    """Does not see, at first, the member whom somebody else adds."""

    looks = 0

    def get_membership(self, organization_id: str, user: Any) -> Any:
        self.looks += 1
        return None if self.looks == 1 else super().get_membership(organization_id, user)


@pytest.fixture
def joined(scim_settings: Any) -> tuple[AddedMeanwhile, Any]:
    """Return a backend, and a user who is a member already."""
    scim_settings(MEMBERSHIP={"model": "tenancy.Membership", "active": "is_active"})
    user = make_user("ann")
    Membership.objects.create(user=user, organization=Organization.objects.create(id="o1"))
    return AddedMeanwhile(using="default"), user


@pytest.mark.django_db
def test_member_whom_somebody_else_adds_ends_the_transaction(
    portable: Watch, joined: tuple[AddedMeanwhile, Any]
) -> None:
    backend, user = joined
    with pytest.raises(IntegrityError), transaction.atomic():
        backend.add_member("o1", user, active=True)


@pytest.mark.django_db(transaction=True)
def test_whole_work_runs_again_and_finds_the_member(
    portable: Watch, joined: tuple[AddedMeanwhile, Any]
) -> None:
    backend, user = joined
    in_transaction("default", "", lambda: backend.add_member("o1", user, active=True))
    assert Membership.objects.get().is_active
    assert backend.looks > 1


@pytest.mark.django_db
def test_tokens_of_an_owner_are_found_by_keys(portable: Watch) -> None:
    owner = make_user("ann")
    connection = ProviderConnection.objects.create(provider_id="a", owner=owner)
    SCIMToken.objects.create(provider=connection, lookup="a")
    SCIMToken.objects.create(
        provider=ProviderConnection.objects.create(provider_id="b"), lookup="b"
    )
    revoke_tokens_of_owner(owner)
    revoked = SCIMToken.objects.exclude(revoked_at=None)
    assert [token.lookup for token in revoked] == ["a"]
