"""Every way to write, each for a connection with a user, a group and a mapping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.lifecycle import close_connection, switch_connection
from django_scim_provider.insight.pruning import prune_events
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    RoleMapping,
    SCIMToken,
)
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.roles.replay import reconcile_roles
from django_scim_provider.tokens.service import (
    generate_scim_token,
    revoke_connection_tokens,
    revoke_scim_token,
    revoke_tokens_of_owner,
)
from django_scim_provider.tokens.verification import verify_token
from django_scim_provider.tokens.wire import WireToken
from tests.administration import after_a_look, logged_in, staff, url
from tests.drift.comparing import repair
from tests.people import connect, make_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient
from tests.test_bulk import bulk, create, patch
from tests.test_groups import make_group
from tests.test_roles import change, map_to


class Case:
    """A connection with a user, a group and a mapping, whose names no other case has."""

    number = 0

    def __init__(self) -> None:
        Case.number += 1
        self.name = f"c{Case.number:03}"
        self.client: SCIMTestClient = connect(self.name)
        self.ann = post(self.client, f"{self.name}-ann").json
        self.bob = post(self.client, f"{self.name}-bob").json
        self.group = make_group(self.client, "Team", self.ann["id"])
        map_to(self.group["id"], provider_id=self.name)

    @property
    def connection(self) -> ProviderConnection:
        return ProviderConnection.objects.get(provider_id=self.name)

    @property
    def token(self) -> SCIMToken:
        return SCIMToken.objects.filter(provider__provider_id=self.name).latest("pk")

    def anonymous(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        return [
            tuple(str(value).replace(self.name, "*") if value else value for value in row)
            for row in rows
        ]


Prepared = Callable[[Case], Callable[[], Any]]
"""Prepares a case; returns what is done while the database deadlocks."""


def repairing(case: Case) -> Callable[[], Any]:
    get_user_model()._default_manager.filter(username=f"{case.name}-bob").update(is_active=False)
    LinkedAccount.objects.filter(user_name=f"{case.name}-ann").update(external_id="wrong")
    ProvisionedGroup.objects.filter(pk=case.group["id"]).update(display_name_key="wrong")
    return lambda: repair(case.name, reopen=True)


def adopting(case: Case) -> Callable[[], Any]:
    users = [make_user(f"{case.name}-{name}") for name in ("eve", "joe")]
    rows = get_user_model()._default_manager.filter(pk__in=[user.pk for user in users])
    user_type = get_registry().by_name("User").resource_type
    return lambda: adopt_users(case.connection, rows, user_type, commit=True, trust_unverified=True)


def reconciling(case: Case) -> Callable[[], Any]:
    map_to(case.group["id"], provider_id=case.name, to="more")
    return lambda: reconcile_roles(case.connection)


def owned(case: Case) -> Callable[[], Any]:
    user = make_user(f"{case.name}-owner")
    ProviderConnection.objects.filter(provider_id=case.name).update(owner=user)
    return partial(revoke_tokens_of_owner, user)


def in_the_admin(case: Case) -> Client:
    return logged_in(staff(f"{case.name}-root", is_superuser=True))


def saved(page: Any) -> None:
    """Make sure that a form was accepted, which is answered by a redirect."""
    assert page.status_code == 302


def unlinking(case: Case) -> Callable[[], Any]:
    browser, chosen = in_the_admin(case), [case.ann["id"], case.bob["id"]]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    address = reverse("admin:scim_provider_linkedaccount_changelist")
    return lambda: saved(browser.post(address, form))


def mapping_in_the_admin(case: Case) -> Callable[[], Any]:
    browser, group = (
        in_the_admin(case),
        RoleMapping.objects.get(provider__provider_id=case.name).django_group,
    )
    form = {"provider": case.name, "match_by": "displayName", "group_name": "Team"}
    form["django_group"] = str(group and group.pk)
    answers = after_a_look(browser, url(RoleMapping, "add"), form)
    return lambda: saved(browser.post(url(RoleMapping, "add"), answers))


def deleting_a_mapping(case: Case) -> Callable[[], Any]:
    browser, mapping = in_the_admin(case), RoleMapping.objects.get(provider__provider_id=case.name)
    address = url(RoleMapping, "delete", mapping.pk)
    answers = after_a_look(browser, address, {"post": "yes"})
    return lambda: saved(browser.post(address, answers))


def from_settings(case: Case) -> Callable[[], Any]:
    secret = "s" * 40
    case.settings(DEFAULT_SCIM=[{"provider_id": f"{case.name}-set", "scim_token": secret}])  # type: ignore[attr-defined]  # given by the test
    wire = WireToken(secret, f"{case.name}-set", None).encode()
    return lambda: verify_token(wire) is not None


def many(case: Case) -> Callable[[], Any]:
    rename = {"op": "replace", "path": "displayName", "value": "Renamed"}
    return lambda: bulk(
        case.client,
        create("a", f"{case.name}-new"),
        patch(f"/Groups/{case.group['id']}", rename),
        {"method": "DELETE", "path": f"/Users/{case.bob['id']}"},
    )


CASES: dict[str, Prepared] = {
    "close": lambda case: partial(close_connection, case.connection),
    "switch": lambda case: partial(switch_connection, case.connection, enabled=False),
    "decommission": lambda case: partial(decommission, case.connection, batch_size=1),
    "generate-for-a-new-one": lambda case: partial(generate_scim_token, f"{case.name}-new"),
    "rotate": lambda case: partial(generate_scim_token, case.name, label="new"),
    "overlap": lambda case: partial(generate_scim_token, case.name, overlap=timedelta(hours=1)),
    "revoke": lambda case: partial(revoke_scim_token, case.token),
    "revoke-all": lambda case: partial(revoke_connection_tokens, case.connection),
    "revoke-of-owner": owned,
    "token-from-settings": from_settings,
    "repair": repairing,
    "adopt": adopting,
    "reconcile": reconciling,
    "prune": lambda case: partial(prune_events, timezone.now(), connection=case.connection),
    "create": lambda case: partial(
        case.client.request,
        "POST",
        "/Users",
        {
            "schemas": [CORE],
            "userName": f"{case.name}-eve",
            "emails": [{"value": f"{case.name}@x.example"}],
        },
    ),
    "deactivate": lambda case: partial(set_active, case.client, case.ann, False),
    "delete": lambda case: partial(case.client.request, "DELETE", f"/Users/{case.ann['id']}"),
    "members": lambda case: partial(change, case.client, case.group, "add", case.bob),
    "delete-group": lambda case: partial(
        case.client.request, "DELETE", f"/Groups/{case.group['id']}"
    ),
    "bulk": many,
    "unlink-in-the-admin": unlinking,
    "map-in-the-admin": mapping_in_the_admin,
    "unmap-in-the-admin": deleting_a_mapping,
}
