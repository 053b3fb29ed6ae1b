"""Django's admin saves in a transaction of its own, inside ours."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from django_scim_provider.models import ProviderConnection, RoleMapping
from tests.administration import confirmed, url
from tests.people import connect, post
from tests.portable.watching.watch import Watch
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


def members(group: Group) -> list[str]:
    return [user.username for user in group.user_set.all()]


def test_mapping_saved_and_deleted_in_the_admin(portable: Watch, admin_client: Client) -> None:
    scim = connect()
    team = make_group(scim, "Team", post(scim, "ann").json["id"])
    staff = Group.objects.create(name="Staff")
    chosen = {"match_by": "id", "group": team["id"], "django_group": staff.pk}
    answers = {"provider": ProviderConnection.objects.get().provider_id, **chosen}

    added = confirmed(admin_client, url(RoleMapping, "add"), answers)
    held = members(staff)
    mapping = RoleMapping.objects.get()
    deleted = confirmed(admin_client, url(RoleMapping, "delete", mapping.pk), {"post": "yes"})

    assert (added.status_code, held) == (302, ["ann"])
    assert (deleted.status_code, members(staff)) == (302, [])
