"""OneLogin: plain JSON, queries that end in ``&``, updates by PUT, groups by PATCH.

https://developers.onelogin.com/scim/implement-scim-api lists the calls, without their bodies; what
they look like was recorded in goauthentik/authentik issue 11249. Bodies come from a template that
the administrator writes; here they are in the shapes of RFC 7643.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote_plus

from django_scim_provider.tools.simulator import steps
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.expectations import found, listed, shows
from django_scim_provider.tools.simulator.session import (
    ENTERPRISE_URN,
    GROUP_URN,
    USER_URN,
    Session,
    document,
    equals,
    patch,
)
from django_scim_provider.tools.simulator.steps import IdentityProvider, Moves, Step
from django_scim_provider.tools.simulator.traffic import ProvisioningFailure

GUIDE = "https://developers.onelogin.com/scim/implement-scim-api"
RECORDED = "https://github.com/goauthentik/authentik/issues/11249"


def try_connection(session: Session, directory: Directory) -> None:
    """Ask for a user that cannot exist; an empty list is the answer that fits the RFC."""
    path = f"/Users?{_search('userName', f'nobody@{directory.run}.example.invalid')}"
    session.send("Test the connection", "GET", path, 200, check=found(0))


def bring_in(session: Session, person: Employee) -> None:
    """Look for somebody, create them where nobody was found, and read them back."""
    _look_up(session, person)
    session.create_user(person, _user(person), shows("userName", person.user_name))
    session.read_user(person, shows("title", person.title))


def read_groups(session: Session, _: Directory) -> None:
    """List the groups that rules can assign."""
    session.send("List groups", "GET", "/Groups", 200, check=listed)


def push_group(session: Session, team: Team) -> None:
    """Create a group without members, and add them."""
    session.create_group(team, {"schemas": [GROUP_URN], "displayName": team.name}, ())
    session.add_members(team, team.members, Session.plain_addition)


def update(session: Session, person: Employee) -> None:
    """Look for somebody and put the whole user."""
    _look_up(session, person)
    changed = _user(person) | {"title": person.new_title}
    session.update_user(person, "PUT", changed, shows("title", person.new_title))


def change_group(session: Session, team: Team) -> None:
    """Add and remove members; groups with even numbers are replaced as a whole."""
    leaves, joins = session.known(team.leaves), session.known(team.joins)
    if team.number % 2 == 0:
        stay = [person for person in session.known(team.members) if person not in leaves]
        value = session.values([*stay, *joins])
        body = patch({"op": "replace", "path": "members", "value": value})
        operation = "Replace members of a group"
        session.change_group(operation, team, body, joins=joins, leaves=leaves)
        return
    session.add_members(team, joins, Session.plain_addition)
    leave(session, team, leaves)


def leave(session: Session, team: Team, people: list[Employee]) -> None:
    """Remove those who left, one in each request."""
    for person in people:
        path = f"members[{equals('value', session.users[person.number])}]"
        body = patch({"op": "remove", "path": path})
        session.change_group("Remove members from a group", team, body, leaves=[person])


def switch(session: Session, person: Employee, *, active: bool) -> None:
    """Give or take access."""
    body = _user(person) | {"title": person.new_title, "active": active}
    session.set_active(person, "PUT", body, active=active, check=shows("active", active))


def shown(failure: ProvisioningFailure) -> str:
    """Return the error beside the user under Provisioning; how it is worded is not documented."""
    status = "no answer" if failure.status is None else str(failure.status)
    who = failure.request.about or "Provisioning"
    return f"{who}: failed ({status}): {failure.reason}"


def _search(attribute: str, value: str) -> str:
    """Return a query as it was recorded: ``+`` for spaces, ``&`` at the end."""
    return f"filter={quote_plus(equals(attribute, value))}&"


def _look_up(session: Session, person: Employee) -> None:
    session.look_up(person, _search("userName", person.user_name))


def _user(person: Employee) -> dict[str, Any]:
    return document(
        person,
        *(USER_URN, ENTERPRISE_URN),
        phoneNumbers=[{"value": person.phone, "type": "work"}],
        **{ENTERPRISE_URN: {"department": person.department}},
    )


ONELOGIN = IdentityProvider(
    name="onelogin",
    title="OneLogin",
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    steps=(
        Step("Test the connection", steps.once, try_connection, GUIDE, required=True),
        Step("Provision people", steps.everybody, bring_in, GUIDE),
        Step("Read groups", steps.once, read_groups, GUIDE),
        Step("Push groups", steps.teams, push_group, GUIDE),
        Step("Update people", steps.everybody, update, RECORDED),
        Step("Change groups", steps.teams, change_group, GUIDE),
        Step("Suspend", steps.leavers, partial(switch, active=False), RECORDED),
        Step("Unsuspend", steps.returning, partial(switch, active=True), RECORDED),
        Step("Delete", steps.removed, Session.delete_user, GUIDE),
        Step("Delete groups", steps.dissolved, Session.delete_group, GUIDE),
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
