"""What goes with a user of the project: all that Django would delete, empty and tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.db.models.signals import post_delete, pre_delete

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleGrant,
    SCIMToken,
    Tombstone,
)
from django_scim_provider.storage.deletions import host_plans
from django_scim_provider.storage.deletions.own_rows import referring_to
from tests.people import connect, host_user, make_organization, post
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Invoice, Membership
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db

User = get_user_model()


def delete(client: SCIMTestClient, user: dict[str, Any]) -> int:
    return client.request("DELETE", f"/Users/{user['id']}").status


def forget_addresses() -> None:
    """Delete what allauth notes of each new user, where it is installed."""
    if apps.is_installed("allauth.account"):
        apps.get_model("account.EmailAddress")._default_manager.all().delete()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, scim_settings: Any) -> None:
    """See a project that has no tables of its own which refer to users."""

    def of_django(model: Any) -> list[Any]:
        labels = {"admin", "auth", "scim_provider"}
        return [
            each for each in referring_to(model) if each.related_model._meta.app_label in labels
        ]

    def has_password(adapter: DefaultAdapter, user: Any) -> bool:
        return bool(user.has_usable_password())

    scim_settings(ORGANIZATION_BACKEND=None)
    monkeypatch.setattr(host_plans, "referring_to", of_django)
    monkeypatch.setattr(host_plans, "_plans", {})
    monkeypatch.setattr(DefaultAdapter, "has_other_login", has_password)


@pytest.fixture(params=["plain", "own tables"])
def project(request: pytest.FixtureRequest) -> str:
    """Take both ways in which a user goes."""
    if request.param == "plain":
        request.getfixturevalue("plain")
    return str(request.param)


@pytest.mark.parametrize("owns", [False, True])
def test_nothing_of_the_user_is_left(project: str, owns: bool) -> None:
    client, other = connect(), connect("other")
    created, kept = post(client, "ann@x.example").json, post(other, "bea@x.example").json
    forget_addresses()
    user, somebody = host_user(created), host_user(kept)
    if hasattr(user, "groups"):
        user.groups.add(Group.objects.create(name="g"))
    for each in (user, somebody):
        Tombstone.objects.create(
            provider_id="other",
            user=each,
            account_id="x",
            created_user=True,
            manages_profile=True,
            deactivated_user=False,
        )
        RoleGrant.objects.create(provider_id="other", user=each, project_role="r")
    SCIMToken.objects.exclude(provider__provider_id="acme").update(created_by=user)
    ProvisioningEvent.objects.filter(provider__provider_id="other").update(actor=user)
    if owns:
        ProviderConnection.objects.filter(provider_id="other").update(owner=user)

    assert delete(client, created) == 204

    assert list(User._default_manager.all()) == [somebody]
    assert list(Tombstone.objects.values_list("user", flat=True)) == [somebody.pk]
    assert list(RoleGrant.objects.values_list("user", flat=True)) == [somebody.pk]
    assert not SCIMToken.objects.exclude(created_by=None).exists()
    assert not ProvisioningEvent.objects.exclude(actor=None).exists()
    assert not ProviderConnection.objects.exclude(owner=None).exists()
    # The personal connection of somebody who is gone answers nobody.
    alive = SCIMToken.objects.exclude(provider__provider_id="acme").filter(revoked_at=None).exists()
    assert alive is not owns


class Heard:
    """Hears of deletions: signal, model, key of the row, and whether it is still there."""

    def __init__(self, *senders: type[models.Model]) -> None:
        self.senders = senders
        self.told: list[tuple[str, type[models.Model], Any, bool]] = []

    def before(self, sender: Any, instance: Any, using: str, origin: Any, **_: Any) -> None:
        self._note("pre", sender, instance)

    def after(self, sender: Any, instance: Any, using: str, origin: Any, **_: Any) -> None:
        self._note("post", sender, instance)

    def _note(self, name: str, sender: Any, instance: Any) -> None:
        exists = sender._base_manager.filter(pk=instance.pk).exists()
        self.told.append((name, sender, instance.pk, exists))

    def __enter__(self) -> Heard:
        for model in self.senders:
            pre_delete.connect(self.before, sender=model)
            post_delete.connect(self.after, sender=model)
        return self

    def __exit__(self, *_: Any) -> None:
        for model in self.senders:
            pre_delete.disconnect(self.before, sender=model)
            post_delete.disconnect(self.after, sender=model)


def test_who_listens_to_the_user_is_told(project: str) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    forget_addresses()
    key = host_user(created).pk

    with Heard(User) as heard:
        assert delete(client, created) == 204

    assert heard.told == [("pre", User, key, True), ("post", User, key, False)]


@pytest.mark.parametrize("model", [LinkedAccount, GroupMember, Tombstone])
def test_who_listens_to_the_app_is_told(project: str, model: type[models.Model]) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    forget_addresses()
    make_group(client, "g", created["id"])
    connect("other")
    Tombstone.objects.create(
        provider_id="other",
        user=host_user(created),
        account_id="x",
        created_user=True,
        manages_profile=True,
        deactivated_user=False,
    )
    key = model._base_manager.get().pk

    with Heard(model) as heard:
        assert delete(client, created) == 204

    assert heard.told == [("pre", model, key, True), ("post", model, key, False)]


@pytest.mark.parametrize("model", [ProvisionedGroup, GroupMember])
def test_who_listens_to_groups_is_told(model: type[models.Model]) -> None:
    client = connect()
    group = make_group(client, "g", post(client, "ann@x.example").json["id"])
    key = model._base_manager.get().pk

    with Heard(model) as heard:
        assert client.request("DELETE", f"/Groups/{group['id']}").status == 204

    assert heard.told == [("pre", model, key, True), ("post", model, key, False)]


def test_rows_of_the_project_go_or_are_emptied_as_their_models_say(scim_settings: Any) -> None:
    from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

    scim_settings(REVOKERS=[])
    client = connect()
    created = post(client, "ann@x.example").json
    user = host_user(created)
    user.groups.add(Group.objects.create(name="g"))
    OutstandingToken.objects.create(user=user, jti="j", token="t", expires_at="2030-01-01T00:00Z")
    # No active membership, which would keep the user.
    membership = {"organization": make_organization("corp"), "is_active": False}
    Membership.objects.create(user=user, **membership)

    assert delete(client, created) == 204

    assert not User._default_manager.exists()
    assert not Membership.objects.exists()
    assert not User.groups.through.objects.exists()
    assert Group.objects.exists()
    assert OutstandingToken.objects.get().user is None


def test_protected_user_is_closed_and_keeps_all(scim_settings: Any) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    user = host_user(created)
    Invoice.objects.create(user=user)
    SCIMToken.objects.update(created_by=user)

    assert delete(client, created) == 204

    user.refresh_from_db()
    assert user.is_active is False
    assert SCIMToken.objects.get().created_by == user
    assert Tombstone.objects.get().user == user


def test_receiver_that_protects_a_user_undoes_the_deletion_alone(project: str) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    forget_addresses()
    user = host_user(created)
    SCIMToken.objects.update(created_by=user)

    def refuse(instance: Any, **_: Any) -> None:
        raise models.ProtectedError("on hold", {instance})

    post_delete.connect(refuse, sender=User)
    try:
        assert delete(client, created) == 204
    finally:
        post_delete.disconnect(refuse, sender=User)

    user.refresh_from_db()
    assert user.is_active is False
    assert SCIMToken.objects.get().created_by == user
    assert not LinkedAccount.objects.exists()


def test_method_of_the_user_model_is_called(plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client, called, way = connect(), [], User.delete
    created = post(client, "ann@x.example").json
    forget_addresses()

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        called.append(self.pk)
        return way(self, *args, **kwargs)

    monkeypatch.setattr(User, "delete", noted, raising=False)
    key = host_user(created).pk

    assert delete(client, created) == 204

    assert called == [key]
    assert not User._default_manager.exists()
