"""Okta: looks before it creates, updates by PUT of the whole document, and deletes nobody.

https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/ is the protocol reference;
Okta-SCIM-20-SPEC-Test.json and Okta-SCIM-20-CRUD-Test.json are the suites that it has apps pass.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django_scim_provider.tools.simulator import steps
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.expectations import (
    all_of,
    at,
    at_most,
    error,
    hides,
    listed,
    shows,
)
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
from django_scim_provider.tools.simulator.traffic import ProviderRequest, ProvisioningFailure

REFERENCE = "Okta SCIM 2.0 protocol reference"
SPEC_TEST = "Okta-SCIM-20-SPEC-Test.json"
PAGE = 100


def try_connection(session: Session, _: Directory) -> None:
    """Ask for two users, as the button in the Admin Console does."""
    path = "/Users?startIndex=1&count=2"
    session.send("Test the connection", "GET", path, 200, check=at_most(2))


def bring_in(session: Session, person: Employee) -> None:
    """Look for somebody by userName, and create them where nobody was found."""
    session.look_up(person, _search("userName", person.user_name))
    # An answer without the whole user fails Okta's job, and a password is never to come back.
    whole = all_of(
        shows("userName", person.user_name),
        shows("active", True),
        shows("name/givenName", person.given_name),
        hides("password"),
    )
    session.create_user(person, _user(person), whole)


def spec_test(session: Session, directory: Directory) -> None:
    """Ask for what must be refused, and how."""
    person = directory.people[0]
    send = session.send
    operation = "Refuse a user that exists"
    body, about = _user(person), person.display_name
    send(operation, "POST", "/Users", 409, body=body, check=error(409), about=about)
    path = f"/Users/00u{directory.run}nobody"
    send("Refuse an unknown id", "GET", path, 404, check=error(404))
    path = "/Users?startIndex=1&count=1"
    operation = "Refuse a wrong token"
    send(operation, "GET", path, 401, check=error(401), authorization="non-token")


def update(session: Session, person: Employee) -> None:
    """Read the whole document, change it, and put it back with all that was in it."""
    document = session.read_user(person, shows("externalId", _external_id(person)))
    if document is None:
        return
    changed = {**document, "title": person.new_title, "nickName": person.given_name}
    check = all_of(shows("title", person.new_title), shows("nickName", person.given_name))
    session.update_user(person, "PUT", changed, check)


def push_group(session: Session, team: Team) -> None:
    """Look for a group by its name, create it empty, and add its members."""
    session.look_up_group(team, _search("displayName", team.name), at_most(0))
    session.create_group(
        team, {"schemas": [GROUP_URN], "displayName": team.name, "members": []}, ()
    )
    session.add_members(team, team.members, _add)


def change_group(session: Session, team: Team) -> None:
    """Send who leaves and who joins in one request, after the name with the group's own id."""
    if team.number not in session.groups:
        return
    joins, leaves = session.known(team.joins), session.known(team.leaves)
    own = {"id": session.groups[team.number], "displayName": team.name}
    session.change_group("Rename a group", team, patch({"op": "replace", "value": own}))
    removals = [_removal(session, person) for person in leaves]
    additions = [_add(session, joins)] if joins else []
    if removals or additions:
        body = patch(*removals, *additions)
        operation = "Change members of a group"
        session.change_group(operation, team, body, joins=joins, leaves=leaves)


def leave(session: Session, team: Team, people: list[Employee]) -> None:
    """Send who leaves."""
    body = patch(*(_removal(session, person) for person in people))
    session.change_group("Change members of a group", team, body, leaves=people)


def switch(session: Session, person: Employee, *, active: bool) -> None:
    """Give or take access by a PATCH without a path, as apps of the Integration Network get it."""
    body = patch({"op": "replace", "value": {"active": active}})
    session.set_active(person, "PATCH", body, active=active)


def import_users(session: Session, directory: Directory) -> None:
    """Walk through all pages; everybody must be there, and nobody twice."""
    operation = "Import users by pages"
    seen: list[str] = []
    total = 1
    while len(seen) < total:
        path = f"/Users?startIndex={len(seen) + 1}&count={PAGE}"
        answer = session.send(operation, "GET", path, 200, check=all_of(listed, at_most(PAGE)))
        if answer is None or not answer.resources:
            break
        total = answer.body["totalResults"]
        seen += [str(at(one, "id")) for one in answer.resources]
    missing = set(session.users.values()) - set(seen)
    if missing or len(seen) != len(set(seen)):
        twice = len(seen) - len(set(seen))
        wrong = f"{len(missing)} users are missing from the pages, {twice} are on several"
        session.traffic.note(ProviderRequest(operation, "GET", "/Users", (200,)), wrong)


def shown(failure: ProvisioningFailure) -> str:
    """Return the text of the task in the Admin Console (Okta help, Troubleshoot provisioning)."""
    remote = failure.reason
    if failure.status == 401:
        return f"Error authenticating: Unauthorized. Errors reported by remote server: {remote}"
    doing = DOING.get(failure.request.operation)
    if doing is None:
        return f"Errors reported by remote server: {remote}"
    reason = REASONS.get(failure.status, str(failure.status))
    return (
        f"Automatic {doing[0]} {failure.request.about} to app failed: Error while {doing[1]} "
        f"{failure.request.about}: {reason}. Errors reported by remote server: {remote}"
    )


DOING = {
    "Find a user before creating it": ("provisioning of user", "trying to verify"),
    "Create a user": ("provisioning of user", "creating user"),
    "Read a user": ("profile push of user", "trying to push profile update for"),
    "Update a user": ("profile push of user", "trying to push profile update for"),
    "Deactivate a user": ("deprovisioning of user", "deactivating user"),
    "Reactivate a user": ("provisioning of user", "reactivating user"),
}
REASONS: dict[int | None, str] = {
    None: "no answer",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


def _search(attribute: str, value: str) -> str:
    return query(filter=equals(attribute, value), startIndex=1, count=PAGE)


def _external_id(person: Employee) -> str:
    return f"00u{person.key}"


def _user(person: Employee) -> dict[str, Any]:
    return document(
        person,
        USER_URN,
        displayName=person.display_name,
        locale="en-US",
        externalId=_external_id(person),
        groups=[],
        password=f"not-kept-{person.key}",
    )


def _removal(session: Session, person: Employee) -> dict[str, Any]:
    return {"op": "remove", "path": f"members[{equals('value', session.users[person.number])}]"}


def _add(session: Session, people: list[Employee]) -> dict[str, Any]:
    value = [
        {"value": session.users[person.number], "display": person.user_name} for person in people
    ]
    return {"op": "add", "path": "members", "value": value}


OKTA = IdentityProvider(
    name="okta",
    title="Okta",
    headers={
        "Accept": "application/scim+json",
        "Accept-Charset": "utf-8",
        "Content-Type": "application/scim+json; charset=utf-8",
        "User-Agent": "Okta SCIM Client 1.0.0",
    },
    steps=(
        Step("Test the connection", steps.once, try_connection, SPEC_TEST, required=True),
        Step("Import people", steps.everybody, bring_in, REFERENCE),
        Step("Okta's SPEC test", steps.once, spec_test, SPEC_TEST),
        Step("Push profiles", steps.everybody, update, REFERENCE),
        Step("Push groups", steps.teams, push_group, REFERENCE),
        Step("Change groups", steps.teams, change_group, REFERENCE),
        Step("Deactivate", steps.leavers, partial(switch, active=False), REFERENCE),
        Step("Reactivate", steps.returning, partial(switch, active=True), REFERENCE),
        Step("Import from the app", steps.once, import_users, REFERENCE),
        Step("Unlink groups", steps.dissolved, Session.delete_group, REFERENCE),
    ),
    moves=Moves(
        assign=bring_in,
        update=update,
        switch=switch,
        remove=partial(switch, active=False),  # it deletes nobody
        push_group=push_group,
        add=_add,
        leave=leave,
    ),
    shown=shown,
)
