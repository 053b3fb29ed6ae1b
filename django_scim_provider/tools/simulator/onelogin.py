"""OneLogin: plain JSON, queries that end in ``&``, updates by PUT, groups by PATCH.

https://developers.onelogin.com/scim/implement-scim-api lists the calls, without their bodies; what
they look like was recorded in goauthentik/authentik issue 11249. Bodies come from a template that
the administrator writes; here they are in the shapes of RFC 7643.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from django_scim_provider.tools.simulator.directory import Directory, Person, Team
from django_scim_provider.tools.simulator.expectations import found, listed, shows
from django_scim_provider.tools.simulator.session import (
    ENTERPRISE_URN,
    GROUP_URN,
    USER_URN,
    Session,
    equals,
    patch,
)
from django_scim_provider.tools.simulator.steps import (
    IdentityProvider,
    Step,
    dissolved,
    everybody,
    leavers,
    once,
    removed,
    returning,
    teams,
)
from django_scim_provider.tools.simulator.traffic import Failure

GUIDE = "https://developers.onelogin.com/scim/implement-scim-api"
RECORDED = "https://github.com/goauthentik/authentik/issues/11249"


def try_connection(session: Session, directory: Directory) -> None:
    """Ask for a user that cannot exist; an empty list is the answer that fits the RFC."""
    path = f"/Users?{_search('userName', f'nobody@{directory.run}.example.invalid')}"
    session.send("Test the connection", "GET", path, 200, check=found(0))


def bring_in(session: Session, person: Person) -> None:
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
    for people in session.chunks(team.members):
        session.change_group("Add members to a group", team, _add(session, people), joins=people)


def update(session: Session, person: Person) -> None:
    """Look for somebody and put the whole user."""
    _look_up(session, person)
    changed = _user(person) | {"title": person.new_title}
    session.update_user(person, "PUT", changed, shows("title", person.new_title))


def change_group(session: Session, team: Team) -> None:
    """Add and remove members; groups with even numbers are replaced as a whole."""
    leaves, joins = session.known(team.leaves), session.known(team.joins)
    if team.number % 2 == 0:
        stay = [person for person in session.known(team.members) if person not in leaves]
        value = _values(session, [*stay, *joins])
        body = patch({"op": "replace", "path": "members", "value": value})
        operation = "Replace members of a group"
        session.change_group(operation, team, body, joins=joins, leaves=leaves)
        return
    if joins:
        session.change_group("Add members to a group", team, _add(session, joins), joins=joins)
    for person in leaves:
        path = f"members[{equals('value', session.users[person.number])}]"
        body = patch({"op": "remove", "path": path})
        session.change_group("Remove members from a group", team, body, leaves=[person])


def suspend(session: Session, person: Person) -> None:
    """Take access."""
    _switch(session, person, active=False)


def unsuspend(session: Session, person: Person) -> None:
    """Give access back."""
    _switch(session, person, active=True)


def shown(failure: Failure) -> str:
    """Return the error beside the user under Provisioning; how it is worded is not documented."""
    status = "no answer" if failure.status is None else str(failure.status)
    who = failure.about or "Provisioning"
    return f"{who}: failed ({status}): {failure.detail or failure.wrong}"


def _search(attribute: str, value: str) -> str:
    """Return a query as it was recorded: ``+`` for spaces, ``&`` at the end."""
    return f"filter={quote_plus(equals(attribute, value))}&"


def _look_up(session: Session, person: Person) -> None:
    session.look_up(person, _search("userName", person.user_name))


def _values(session: Session, people: list[Person]) -> list[dict[str, str]]:
    return [{"value": session.users[person.number]} for person in people]


def _add(session: Session, people: list[Person]) -> dict[str, Any]:
    return patch({"op": "add", "path": "members", "value": _values(session, people)})


def _user(person: Person) -> dict[str, Any]:
    return {
        "schemas": [USER_URN, ENTERPRISE_URN],
        "userName": person.user_name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "active": True,
        "emails": [{"value": person.user_name, "type": "work", "primary": True}],
        "phoneNumbers": [{"value": person.phone, "type": "work"}],
        "title": person.title,
        ENTERPRISE_URN: {"department": person.department},
    }


def _switch(session: Session, person: Person, *, active: bool) -> None:
    body = _user(person) | {"title": person.new_title, "active": active}
    session.set_active(person, "PUT", body, active=active, check=shows("active", active))


ONELOGIN = IdentityProvider(
    name="onelogin",
    title="OneLogin",
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    steps=(
        Step(
            name="Test the connection",
            over=once,
            play=try_connection,
            source=GUIDE,
            required=True,
        ),
        Step(name="Provision people", over=everybody, play=bring_in, source=GUIDE),
        Step(name="Read groups", over=once, play=read_groups, source=GUIDE),
        Step(name="Push groups", over=teams, play=push_group, source=GUIDE),
        Step(name="Update people", over=everybody, play=update, source=RECORDED),
        Step(name="Change groups", over=teams, play=change_group, source=GUIDE),
        Step(name="Suspend", over=leavers, play=suspend, source=RECORDED),
        Step(name="Unsuspend", over=returning, play=unsuspend, source=RECORDED),
        Step(name="Delete", over=removed, play=Session.delete_user, source=GUIDE),
        Step(name="Delete groups", over=dissolved, play=Session.delete_group, source=GUIDE),
    ),
    shown=shown,
)
