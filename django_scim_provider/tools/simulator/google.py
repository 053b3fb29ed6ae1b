"""Google Workspace: users only, suspended and deleted by triggers of their own.

Google publishes no requests. The probe, creation, suspension and deletion are as others recorded
them; whether an update is a PUT or a PATCH is not known, so that half of the people get either.
Groups only decide who is in scope and are not provisioned (AWS, "Configure SAML and SCIM with
Google Workspace and IAM Identity Center").
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django_scim_provider.tools.simulator.directory import Directory, Person
from django_scim_provider.tools.simulator.expectations import at, at_most, shows
from django_scim_provider.tools.simulator.session import (
    ENTERPRISE_URN,
    USER_URN,
    Session,
    equals,
    patch,
    query,
)
from django_scim_provider.tools.simulator.steps import (
    IdentityProvider,
    Step,
    everybody,
    leavers,
    once,
    removed,
    returning,
)
from django_scim_provider.tools.simulator.traffic import Failure

PROBE = "https://authn-sh-docs.pages.dev/guides/scim/google-workspace/"
RECORDED = "better-auth, packages/scim, scim-google-conformance"
TRIGGERS = "https://support.google.com/a/answer/6294828"
MAPPED = ("userName", "active", "name", "emails")
"""Attributes that the mapping screen cannot do without."""


def try_connection(session: Session, _: Directory) -> None:
    """Ask for one user with the pasted token."""
    session.send("Test the connection", "GET", "/Users?count=1", 200, check=at_most(1))


def read_schema(session: Session, _: Directory) -> None:
    """Read the schema of users for the mapping screen, by its encoded URN."""
    path = f"/Schemas/{quote(USER_URN, safe='')}"
    session.send("Read the user schema", "GET", path, 200, check=_mappable)


def bring_in(session: Session, person: Person) -> None:
    """Look for somebody, and create them where nobody was found."""
    _look_up(session, person)
    session.create_user(person, _user(person), shows("userName", person.user_name))


def update(session: Session, person: Person) -> None:
    """Send what changed, by PUT or PATCH."""
    _look_up(session, person)
    if person.number % 2:
        operation = {"op": "replace", "value": {"title": person.new_title}}
        session.update_user(person, "PATCH", patch(operation))
    else:
        changed = {**_user(person), "title": person.new_title}
        session.update_user(person, "PUT", changed, shows("title", person.new_title))


def suspend(session: Session, person: Person) -> None:
    """Take access."""
    body = patch({"op": "replace", "value": {"active": False}})
    session.set_active(person, "PATCH", body, active=False)


def unsuspend(session: Session, person: Person) -> None:
    """Give access back."""
    body = patch({"op": "replace", "value": {"active": True}})
    session.set_active(person, "PATCH", body, active=True)


def active_departures(directory: Directory) -> tuple[Person, ...]:
    """Return who is deleted without a suspension before it: the last of the leavers, if several."""
    return directory.leavers[-1:] if len(directory.leavers) > 1 else ()


def suspended(directory: Directory) -> list[Person]:
    """Return the leavers who are suspended."""
    at_once = active_departures(directory)
    return [person for person in leavers(directory) if person not in at_once]


def coming_back(directory: Directory) -> list[Person]:
    """Return those of the suspended who get their access back."""
    return [person for person in suspended(directory) if person in returning(directory)]


def shown(failure: Failure) -> str:
    """Return the line of the list of failures (TRIGGERS: a user and the reason of the failure)."""
    status = "no answer" if failure.status is None else f"HTTP {failure.status}"
    return f"{failure.about or 'Autoprovisioning'}: {status}, {failure.detail or failure.wrong}"


def _look_up(session: Session, person: Person) -> None:
    session.look_up(person, query(filter=equals("userName", person.user_name)))


def _mappable(body: Any) -> str:
    attributes = at(body, "attributes")
    names = {at(one, "name") for one in attributes} if isinstance(attributes, list) else set()
    missing = [name for name in MAPPED if name not in names]
    return f"the schema lacks {', '.join(missing)}" if missing else ""


def _user(person: Person) -> dict[str, Any]:
    return {
        "schemas": [USER_URN, ENTERPRISE_URN],
        "userName": person.user_name,
        "externalId": f"1048{person.key}",
        "active": True,
        "displayName": person.display_name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"value": person.user_name, "type": "work", "primary": True}],
        "phoneNumbers": [{"value": person.phone, "type": "work"}],
        "addresses": [{"type": "work", "formatted": "1 Main Street", "country": "US"}],
        "title": person.title,
        ENTERPRISE_URN: {"department": person.department, "employeeNumber": str(person.number)},
    }


GOOGLE = IdentityProvider(
    name="google",
    title="Google Workspace",
    headers={"Accept": "application/scim+json", "Content-Type": "application/scim+json"},
    steps=(
        Step(
            name="Test the connection",
            over=once,
            play=try_connection,
            source=PROBE,
            required=True,
        ),
        Step(name="Map attributes", over=once, play=read_schema, source=RECORDED),
        Step(name="Provision people", over=everybody, play=bring_in, source=RECORDED),
        Step(name="Update people", over=everybody, play=update, source=RECORDED),
        Step(name="Suspend", over=suspended, play=suspend, source=TRIGGERS),
        Step(name="Unsuspend", over=coming_back, play=unsuspend, source=TRIGGERS),
        Step(name="Delete the suspended", over=removed, play=Session.delete_user, source=TRIGGERS),
        Step(
            name="Delete without suspension",
            over=active_departures,
            play=Session.delete_user,
            source=RECORDED,
        ),
    ),
    shown=shown,
    pushes_groups=False,
)
