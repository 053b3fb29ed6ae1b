"""Roles replayed: by command, by the admin, for ten thousand, and in parallel."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount, ProviderConnection, RoleGrant, RoleMapping
from tests.administration import confirmed
from tests.parallel import in_parallel
from tests.people import connect, make_user, post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.test_large_groups import make_accounts
from tests.test_roles import change, groups_of, map_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def test_new_mapping_is_replayed_and_a_second_run_changes_nothing(
    client: SCIMTestClient, capsys: Any
) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])

    call_command("scim_reconcile", "--dry-run", "--provider", "acme")
    after_dry_run = groups_of(ann)
    call_command("scim_reconcile")
    call_command("scim_reconcile")
    told = capsys.readouterr().out.splitlines()

    assert after_dry_run == []
    assert groups_of(ann) == ["staff"]
    assert told == [
        "acme: 1 roles would be granted, 0 would be revoked.",
        "acme: 1 roles were granted, 0 were revoked.",
        "acme: 0 roles were granted, 0 were revoked.",
    ]
    RoleMapping.objects.all().delete()
    call_command("scim_reconcile")
    assert groups_of(ann) == []


def test_ten_thousand_are_replayed(client: SCIMTestClient, capsys: Any) -> None:
    ids = make_accounts("acme", 10_000)
    group = make_group(client, "all", *ids)
    staff = map_to(group["id"])
    by_hand = LinkedAccount.objects.get(pk=ids[0]).user
    by_hand.groups.add(staff)

    call_command("scim_reconcile")
    call_command("scim_reconcile")
    told = capsys.readouterr()

    assert told.out.splitlines() == [
        "acme: 9999 roles were granted, 0 were revoked.",
        "acme: 0 roles were granted, 0 were revoked.",
    ]
    assert "10000 of 10000 users" in told.err
    assert RoleGrant.objects.count() == 9999
    assert staff.user_set.count() == 10_000


def test_holders_are_read_without_the_users(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", 3)
    map_to(make_group(client, "all", *ids)["id"])
    Group.objects.get().user_set.set([LinkedAccount.objects.get(pk=ids[0]).user])

    with CaptureQueriesContext(connection) as context:
        call_command("scim_reconcile")

    table = get_user_model().groups.through._meta.db_table
    read = [query["sql"] for query in context if query["sql"].startswith("SELECT")]
    asked = [sql for sql in read if table in sql]
    assert asked
    assert not any("JOIN" in sql for sql in asked)
    assert RoleGrant.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_parallel_changes_leave_roles_and_groups_in_line() -> None:
    client = connect()
    ann = post(client, "ann").json
    groups = [make_group(client, f"g{number}") for number in range(4)]
    for group in groups:
        map_to(group["id"])

    def flip(number: int) -> None:
        own = SCIMTestClient(client.token)
        for op in ("add", "remove", "add", "remove") if number % 2 else ("add", "remove", "add"):
            change(own, groups[number], op, ann)

    in_parallel(4, flip)

    assert groups_of(ann) == ["staff"]
    change(client, groups[0], "remove", ann)
    change(client, groups[2], "remove", ann)
    assert groups_of(ann) == []


def test_mapping_saved_in_the_admin_is_replayed_at_once(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    staff = Group.objects.create(name="staff")
    provider = ProviderConnection.objects.get()
    admin = Client()
    admin.force_login(
        make_user("root", is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    form = {
        "provider": provider.provider_id,
        "match_by": "id",
        "group": group["id"],
        "django_group": staff.pk,
        "organization_role": "",
    }

    added = confirmed(admin, "/admin/scim_provider/rolemapping/add/", form)
    after_add = groups_of(ann)
    mapping = RoleMapping.objects.get()
    address = f"/admin/scim_provider/rolemapping/{mapping.pk}/delete/"
    removed = confirmed(admin, address, {"post": "yes"})

    assert (added.status_code, removed.status_code) == (302, 302)
    assert (after_add, groups_of(ann)) == (["staff"], [])
    assert admin.get("/admin/scim_provider/rolemapping/").status_code == 200


def test_mappings_deleted_together_are_replayed(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])
    call_command("scim_reconcile", verbosity=0)
    admin = Client()
    admin.force_login(
        make_user("root", is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    chosen = [str(mapping.pk) for mapping in RoleMapping.objects.all()]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}

    before = groups_of(ann)
    answer = confirmed(admin, "/admin/scim_provider/rolemapping/", form)

    assert (before, answer.status_code, groups_of(ann)) == (["staff"], 302, [])


@pytest.mark.parametrize("member", [True, False])
@pytest.mark.parametrize("owner", [True, False])
def test_staff_map_no_connections_of_others_and_own_groups_only(
    client: SCIMTestClient, member: bool, owner: bool
) -> None:
    user = make_user("eve", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__endswith="rolemapping"))
    admins = Group.objects.create(name="admins")
    if member:
        user.groups.add(admins)
    ProviderConnection.objects.update(owner=user if owner else make_user("zoe"))
    admin = Client()
    admin.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    form = {
        "provider": "acme",
        "match_by": "id",
        "group_name": "x",
        "django_group": admins.pk,
        "organization_role": "",
    }

    answer = confirmed(admin, "/admin/scim_provider/rolemapping/add/", form)

    allowed = member and owner
    assert answer.status_code == (302 if allowed else 200)
    assert RoleMapping.objects.exists() is allowed
