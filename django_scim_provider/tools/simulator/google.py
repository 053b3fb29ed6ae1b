"""Google Workspace: users only, suspended and deleted by triggers of their own.

Google publishes no requests. The probe, creation, suspension and deletion are as others recorded
them; whether an update is a PUT or a PATCH is not known, so that half of the people get either.
Groups only decide who is in scope and are not provisioned (AWS, "Configure SAML and SCIM with
Google Workspace and IAM Identity Center").
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from django_scim_provider.tools.simulator import steps
from django_scim_provider.tools.simulator.directory import Directory, Employee
from django_scim_provider.tools.simulator.expectations import at, at_most, shows
from django_scim_provider.tools.simulator.session import (
    ENTERPRISE_URN,
    USER_URN,
    Session,
    document,
    patch,
)
from django_scim_provider.tools.simulator.steps import IdentityProvider, Moves, Step
from django_scim_provider.tools.simulator.traffic import ProvisioningFailure

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


def bring_in(session: Session, person: Employee) -> None:
    """Look for somebody, and create them where nobody was found."""
    session.look_up(person)
    session.create_user(person, _user(person), shows("userName", person.user_name))


def update(session: Session, person: Employee) -> None:
    """Send what changed, by PUT or PATCH."""
    session.look_up(person)
    if person.number % 2:
        operation = {"op": "replace", "value": {"title": person.new_title}}
        session.update_user(person, "PATCH", patch(operation))
    else:
        changed = {**_user(person), "title": person.new_title}
        session.update_user(person, "PUT", changed, shows("title", person.new_title))


def switch(session: Session, person: Employee, *, active: bool) -> None:
    """Give or take access."""
    body = patch({"op": "replace", "value": {"active": active}})
    session.set_active(person, "PATCH", body, active=active)


def active_departures(directory: Directory) -> tuple[Employee, ...]:
    """Return who is deleted without a suspension before it: the last of the leavers, if several."""
    return directory.leavers[-1:] if len(directory.leavers) > 1 else ()


def suspended(directory: Directory) -> list[Employee]:
    """Return the leavers who are suspended."""
    at_once = active_departures(directory)
    return [person for person in directory.leavers if person not in at_once]


def coming_back(directory: Directory) -> list[Employee]:
    """Return those of the suspended who get their access back."""
    return [person for person in suspended(directory) if person in directory.returning]


def shown(failure: ProvisioningFailure) -> str:
    """Return the line of the list of failures (TRIGGERS: a user and the reason of the failure)."""
    status = "no answer" if failure.status is None else f"HTTP {failure.status}"
    return f"{failure.request.about or 'Autoprovisioning'}: {status}, {failure.reason}"


def _mappable(body: Any) -> str:
    attributes = at(body, "attributes")
    names = {at(one, "name") for one in attributes} if isinstance(attributes, list) else set()
    missing = [name for name in MAPPED if name not in names]
    return f"the schema lacks {', '.join(missing)}" if missing else ""


def _user(person: Employee) -> dict[str, Any]:
    enterprise = {"department": person.department, "employeeNumber": str(person.number)}
    return document(
        person,
        *(USER_URN, ENTERPRISE_URN),
        externalId=f"1048{person.key}",
        displayName=person.display_name,
        phoneNumbers=[{"value": person.phone, "type": "work"}],
        addresses=[{"type": "work", "formatted": "1 Main Street", "country": "US"}],
        **{ENTERPRISE_URN: enterprise},
    )


GOOGLE = IdentityProvider(
    name="google",
    title="Google Workspace",
    headers={"Accept": "application/scim+json", "Content-Type": "application/scim+json"},
    steps=(
        Step("Test the connection", steps.once, try_connection, PROBE, required=True),
        Step("Map attributes", steps.once, read_schema, RECORDED),
        Step("Provision people", steps.everybody, bring_in, RECORDED),
        Step("Update people", steps.everybody, update, RECORDED),
        Step("Suspend", suspended, partial(switch, active=False), TRIGGERS),
        Step("Unsuspend", coming_back, partial(switch, active=True), TRIGGERS),
        Step("Delete the suspended", steps.removed, Session.delete_user, TRIGGERS),
        Step("Delete without suspension", active_departures, Session.delete_user, RECORDED),
    ),
    moves=Moves(assign=bring_in, update=update, switch=switch),
    shown=shown,
    pushes_groups=False,
)
