"""JumpCloud: a test user and a test group when it is activated, then look-up, create, update.

https://jumpcloud.com/support/provision-and-manage-users-and-groups-in-apps-using-custom-scim-identity-management-integration
says which calls there are and which events they leave; bodies are not published and have the
shapes of the RFCs, but for the members that leave a group, which others recorded.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import Any

from django_scim_provider.tools.simulator import steps
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.expectations import all_of, found, has_id, shows
from django_scim_provider.tools.simulator.session import (
    GROUP_URN,
    USER_URN,
    Session,
    document,
    equals,
    patch,
    query,
)
from django_scim_provider.tools.simulator.steps import IdentityProvider, Moves, Step
from django_scim_provider.tools.simulator.traffic import ProvisioningFailure

SUPPORT = "JumpCloud support, Identity Management using a Custom SCIM Integration"
MEMBERS = "https://app.uni-moni.com/en/kb/sso-setup-jumpcloud"
TEST_USER = "Activate: test user"
TEST_GROUP = "Activate: test group"


def activate(session: Session, directory: Directory) -> None:
    """Create, change and delete a test user and a test group in it."""
    address = f"jumpcloud-test@{directory.run}.example.com"
    path = f"/Users?{query(filter=equals('userName', address))}"
    if session.send(TEST_USER, "GET", path, 200, check=found(0)) is None:
        return
    user = _test_user(address)
    check = all_of(has_id, shows("userName", address))
    made = session.send(TEST_USER, "POST", "/Users", 201, body=user, check=check)
    if made is None:
        return
    id = made.body["id"]
    session.extras.append(f"/Users/{id}")
    _test_group(session, directory, id)
    changed = user | {"name": {"givenName": "Changed", "familyName": "User"}}
    check = shows("name/givenName", "Changed")
    session.send(TEST_USER, "PUT", f"/Users/{id}", 200, body=changed, check=check)
    _end(session, TEST_USER, f"/Users/{id}")


def bring_in(session: Session, person: Employee) -> None:
    """Look somebody up, and create them where nobody was found."""
    session.look_up(person)
    session.create_user(person, _user(person), shows("userName", person.user_name))


def update(session: Session, person: Employee) -> None:
    """Look somebody up, and put the whole user."""
    session.look_up(person)
    changed = _user(person) | {"title": person.new_title}
    session.update_user(person, "PUT", changed, shows("title", person.new_title))


def push_group(session: Session, team: Team) -> None:
    """Look a group up, create it with its first members, and add the others."""
    session.look_up_group(team)
    first, *others = [*session.chunks(team.members)] or [[]]
    body = {"schemas": [GROUP_URN], "displayName": team.name, "members": session.values(first)}
    session.create_group(team, body, first)
    session.add_members(team, chain(*others), Session.plain_addition)


def change_group(session: Session, team: Team) -> None:
    """Add those who joined, remove those who left by a list of values, and rename the group."""
    session.add_members(team, team.joins, Session.plain_addition)
    if leaves := session.known(team.leaves):
        leave(session, team, leaves)
    renamed = {"op": "replace", "path": "displayName", "value": f"{team.name}, renamed"}
    session.change_group("Rename a group", team, patch(renamed))


def leave(session: Session, team: Team, people: list[Employee]) -> None:
    """Remove those who left by a list of values."""
    body = patch({"op": "remove", "path": "members", "value": session.values(people)})
    session.change_group("Remove members from a group", team, body, leaves=people)


def switch(session: Session, person: Employee, *, active: bool) -> None:
    """Give or take access."""
    body = patch({"op": "replace", "path": "active", "value": active})
    session.set_active(person, "PATCH", body, active=active)


def shown(failure: ProvisioningFailure) -> str:
    """Return the event of Directory Insights, by the name that SUPPORT gives it."""
    event = EVENTS.get(failure.request.operation, "idm_error")
    status = "no answer" if failure.status is None else str(failure.status)
    about = f" ({failure.request.about})" if failure.request.about else ""
    return f"{event}{about}: {status} {failure.reason}"


EVENTS = {
    TEST_USER: "Test Connection failed",
    TEST_GROUP: "Test Connection failed",
    "Find a user before creating it": "user_lookup_provision",
    "Find a user again": "user_lookup_provision",
    "Create a user": "user_create_provision",
    "Update a user": "user_update_provision",
    "Deactivate a user": "user_deprovision",
    "Reactivate a user": "user_update_provision",
    "Delete a user": "user_delete_provision",
    "Create a group": "group_create_provision",
    "Add members to a group": "group_update_provision",
    "Remove members from a group": "group_update_provision",
    "Rename a group": "group_update_provision",
    "Delete a group": "group_delete_provision",
}


def _test_user(address: str) -> dict[str, Any]:
    return {
        "schemas": [USER_URN],
        "userName": address,
        "name": {"givenName": "Test", "familyName": "User"},
        "displayName": "Test User",
        "active": True,
        "emails": [{"value": address, "type": "work", "primary": True}],
    }


def _test_group(session: Session, directory: Directory, user_id: str) -> None:
    name = f"JumpCloudTestGroup-{directory.run}"
    body = {"schemas": [GROUP_URN], "displayName": name, "members": [{"value": user_id}]}
    made = session.send(TEST_GROUP, "POST", "/Groups", 201, body=body, check=has_id)
    if made is None:
        return
    path = f"/Groups/{made.body['id']}"
    session.extras.append(path)
    renamed = {"op": "replace", "path": "displayName", "value": f"{name}-changed"}
    session.send(TEST_GROUP, "PATCH", path, 200, 204, body=patch(renamed))
    _end(session, TEST_GROUP, path)


def _end(session: Session, operation: str, path: str) -> None:
    """Delete a test resource and see that it is gone."""
    if session.send(operation, "DELETE", path, 204) is not None:
        session.send(operation, "GET", path, 404)
        session.extras.remove(path)


def _user(person: Employee) -> dict[str, Any]:
    return document(
        person,
        USER_URN,
        externalId=f"64b{person.key}",
        displayName=person.display_name,
        phoneNumbers=[{"value": person.phone, "type": "mobile"}],
    )


JUMPCLOUD = IdentityProvider(
    name="jumpcloud",
    title="JumpCloud",
    headers={"Accept": "application/scim+json", "Content-Type": "application/scim+json"},
    steps=(
        Step("Activate", steps.once, activate, SUPPORT, required=True),
        Step("Provision people", steps.everybody, bring_in, SUPPORT),
        Step("Push groups", steps.teams, push_group, SUPPORT),
        Step("Update people", steps.everybody, update, SUPPORT),
        Step("Change groups", steps.teams, change_group, MEMBERS),
        Step("Deactivate", steps.leavers, partial(switch, active=False), SUPPORT),
        Step("Reactivate", steps.returning, partial(switch, active=True), SUPPORT),
        Step("Delete", steps.removed, Session.delete_user, SUPPORT),
        Step("Delete groups", steps.dissolved, Session.delete_group, SUPPORT),
    ),
    moves=Moves(
        assign=bring_in,
        update=update,
        switch=switch,
        push_group=push_group,
        add=Session.plain_addition,
        leave=leave,
    ),
    shown=shown,
)
