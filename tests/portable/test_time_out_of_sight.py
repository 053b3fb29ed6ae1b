"""The time limit of a search ends it as well where it looks at nobody who is in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scim_provider.core.errors import TooMany
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.portable.relations import MembersAsked
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.store_context import StoreContext
from tests.people import connect
from tests.portable.both_ways import by_orm, small_batches
from tests.scim_client import GROUP, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db
BRIEF = 1e-6
CONTEXT = StoreContext(provider_id="acme", organization_id="o1")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> SCIMTestClient:
    """Return the client of an organization whose people, all of one group, have left."""
    small_batches(monkeypatch)
    client = connect(organization_id="o1")
    ids = [client.create_user(f"user{number}")["id"] for number in range(5)]
    members = [{"value": id} for id in ids]
    client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g", "members": members})
    Membership.objects.all().delete()
    return client


def test_search_for_people_ends(client: SCIMTestClient, scim_settings: Callable[..., None]) -> None:
    with by_orm():
        assert client.find('title co "x"').json["totalResults"] == 0
        scim_settings(QUERY_TIME_LIMIT=BRIEF)
        answer = client.find('title co "x"')

    assert (answer.status, answer.json["scimType"]) == (400, "tooMany")


def test_search_among_members_ends(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    groups = GroupStore(CONTEXT).groups
    accounts = LinkedAccount.objects.of("acme")
    keys = list(groups.values_list("pk", flat=True))

    def found() -> set[object]:
        asked = MembersAsked(groups, accounts, Sight(CONTEXT), None, "https://a.example/scim/v2")
        return {*asked.among(keys)}

    with by_orm():
        assert found() == set()
        scim_settings(QUERY_TIME_LIMIT=BRIEF)
        with pytest.raises(TooMany):
            found()
