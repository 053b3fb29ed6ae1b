"""What no identity provider does: see whether what it asked for is there, and take it away."""

from __future__ import annotations

from urllib.parse import quote

from django_scim_provider.tools.simulator.expectations import (
    all_of,
    at,
    listed,
    members,
    resources,
    shows,
)
from django_scim_provider.tools.simulator.people import Directory, Person, Team
from django_scim_provider.tools.simulator.session import Session, equals, query
from django_scim_provider.tools.simulator.steps import Step, everybody, once, teams


def read_user(session: Session, person: Person) -> None:
    """See that an account has the title and the access that it should have."""
    number = person.number
    if number in session.users:
        check = all_of(
            shows("title", session.titles[number]), shows("active", session.active[number])
        )
        path, about = session.user_path(person), person.display_name
        session.send("Audit: read a user", "GET", path, 200, check=check, about=about)
    elif number in session.active:
        path = f"/Users?{query(filter=equals('userName', person.user_name))}"
        wanted = all_of(listed, shows("totalResults", 0))
        name = "Audit: look for a deleted user"
        session.send(name, "GET", path, 200, check=wanted, about=person.display_name)


def read_group(session: Session, team: Team) -> None:
    """See that a group has the members that it should have, and no others."""
    if team.number in session.groups:
        ids = {session.users[number] for number in session.members[team.number]}
        path, check = session.group_path(team), members(ids)
        session.send("Audit: read a group", "GET", path, 200, check=check, about=team.name)


def clean_group(session: Session, team: Team) -> None:
    """Delete a group of the run, also one whose creation was not acknowledged."""
    if team.number in session.groups:
        _delete(session, session.group_path(team), team.name)
    elif team.key in session.tried:
        _find_and_delete(session, "/Groups", "displayName", team.name)


def clean_user(session: Session, person: Person) -> None:
    """Delete an account of the run, also one whose creation was not acknowledged."""
    if person.number in session.users:
        _delete(session, session.user_path(person), person.display_name)
    elif person.key in session.tried:
        _find_and_delete(session, "/Users", "userName", person.user_name)


def clean_extras(session: Session, _: Directory) -> None:
    """Delete test resources that a step left."""
    for path in reversed(session.extras):
        _delete(session, path, "")


def _delete(session: Session, path: str, about: str) -> None:
    session.send("Clean up", "DELETE", path, 204, 404, about=about)


def _find_and_delete(session: Session, endpoint: str, attribute: str, value: str) -> None:
    search = query(filter=equals(attribute, value))
    answer = session.send("Clean up", "GET", f"{endpoint}?{search}", 200, check=listed, about=value)
    for resource in resources(None if answer is None else answer.body):
        # A server that ignores filters shows what is not ours.
        if at(resource, attribute) == value and isinstance(at(resource, "id"), str):
            _delete(session, f"{endpoint}/{quote(resource['id'], safe='')}", value)


OURS = "what the simulator itself does"
AUDIT = (
    Step(name="Audit users", over=everybody, play=read_user, source=OURS),
    Step(name="Audit groups", over=teams, play=read_group, source=OURS),
)
CLEANUP = (
    Step(name="Clean up groups", over=teams, play=clean_group, source=OURS),
    Step(name="Clean up users", over=everybody, play=clean_user, source=OURS),
    Step(name="Clean up test resources", over=once, play=clean_extras, source=OURS),
)
