"""Microsoft Entra ID: capitalised operations, booleans as text, soft deletion before hard.

Half of the people and groups get what a gallery application sends, the other half what one with
the flag ``aadOptscim062020`` in its URL does (APP); one tenant has either, a server needs both.
A cycle comes every 40 minutes; here the next follows at once.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django_scim_provider.tools.simulator import steps
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.expectations import found, hides, listed, shows
from django_scim_provider.tools.simulator.session import (
    ENTERPRISE_URN,
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

LEARN = "https://learn.microsoft.com/entra/identity/app-provisioning/"
SCIM = LEARN + "use-scim-to-provision-users-and-groups"
FLAG = LEARN + "application-provisioning-config-problem-scim-compatibility"
HOW = LEARN + "how-provisioning-works"
STRINGS = "github.com/pranems/SCIMServer, docs/MANAGER_PATCH_STRING_COERCION.md"
CODES = LEARN + "application-provisioning-error-codes"
ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
OBJECTS = UUID("6fe8b8a0-6f2f-4a0e-9a53-2b7d3a4f7f10")
"""The name space of invented object ids."""


def try_connection(session: Session, directory: Directory) -> None:
    """Ask for a user that cannot exist; the answer is an empty list and never 404."""
    nobody = str(uuid5(OBJECTS, directory.run))
    path = f"/Users?{query(filter=equals('userName', nobody))}"
    session.send("Test the connection", "GET", path, 200, check=found(0))


def discover(session: Session, _: Directory) -> None:
    """Read the schemas that attributes can be mapped to."""
    session.send("Discover schemas", "GET", "/Schemas", 200, check=listed)


def bring_in(session: Session, person: Employee) -> None:
    """Match by userName, and create where nobody matched."""
    session.look_up(person)
    name = {"givenName": person.given_name, "familyName": person.family_name}
    body = document(
        person,
        *(USER_URN, ENTERPRISE_URN),
        externalId=person.key,
        active=True if _flagged(person) else "True",
        displayName=person.display_name,
        meta={"resourceType": "User"},
        name={"formatted": person.display_name, **name},
        roles=[],
    )
    session.create_user(person, body, shows("active", True))


def name_manager(session: Session, person: Employee) -> None:
    """Send the reference to the manager once both are there; the id comes as a bare string."""
    manager = session.users.get(-1 if person.manager is None else person.manager)
    if manager is not None:
        operation = {"op": "Add", "path": f"{ENTERPRISE_URN}:manager", "value": manager}
        session.change_user("Set the manager of a user", person, "PATCH", patch(operation))


def update(session: Session, person: Employee) -> None:
    """Read a user that changed in the directory, and send what differs."""
    if session.read_user(person, shows("userName", person.user_name)) is not None:
        session.update_user(person, "PATCH", patch(*_changes(person)))


def push_group(session: Session, team: Team) -> None:
    """Match a group by its name without its members, create it without any, and add them."""
    search = query(excludedAttributes="members", filter=equals("displayName", team.name))
    session.look_up_group(team, search)
    body = {
        "schemas": [GROUP_URN, ADSCIM_GROUP],
        "externalId": str(uuid5(OBJECTS, team.key)),
        "displayName": team.name,
        "meta": {"resourceType": "Group"},
    }
    session.create_group(team, body, ())
    session.add_members(team, team.members, _add)


def change_group(session: Session, team: Team) -> None:
    """Read a group without its members, rename it, and send who joined and who left."""
    if team.number not in session.groups:
        return
    path = f"{session.group_path(team)}?excludedAttributes=members"
    session.send("Read a group", "GET", path, 200, check=hides("members"), about=team.name)
    renamed = {"op": "Replace", "path": "displayName", "value": f"{team.name}, renamed"}
    session.change_group("Rename a group", team, patch(renamed))
    session.add_members(team, team.joins, _add)
    leave(session, team, session.known(team.leaves))


def leave(session: Session, team: Team, people: list[Employee]) -> None:
    """Send who left, one in each request."""
    for person in people:
        body = patch(_removal(session, team, person))
        session.change_group("Remove members from a group", team, body, leaves=[person])


def disable(session: Session, person: Employee) -> None:
    """Soft-delete: take access, and find the user still there."""
    switch(session, person, active=False)
    if person.number in session.users:
        session.look_up(person)


def switch(session: Session, person: Employee, *, active: bool) -> None:
    """Give or take access."""
    operation: dict[str, Any] = {"op": "Replace", "path": "active", "value": str(active)}
    if _flagged(person):
        operation = {"op": "replace", "path": "active", "value": active}
    session.set_active(person, "PATCH", patch(operation), active=active)


def shown(failure: ProvisioningFailure) -> str:
    """Return the error code and reason of the provisioning log (CODES).

    What fits no status, such as a body that misses something, is an incompatible service.
    """
    code = ERROR_CODES.get(failure.status, f"{PREFIX}ServiceIncompatible")
    return f"{code}: failed to process {failure.request.about or 'the request'}. {failure.reason}"


PREFIX = "SystemForCrossDomainIdentityManagement"
ERROR_CODES: dict[int | None, str] = {
    None: "Timeout",
    400: f"{PREFIX}BadRequest",
    401: "Unauthorized",
    403: "InsufficientRights",
    404: f"{PREFIX}NotFound",
    405: "MethodNotAllowed",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
    501: "NotImplemented",
}


def _flagged(item: Employee | Team) -> bool:
    """Tell whether the flag is on for this half."""
    return item.number % 2 == 1


def _changes(person: Employee) -> list[dict[str, Any]]:
    mobile = 'phoneNumbers[type eq "mobile"].value'
    if _flagged(person):
        # One operation without a path for single values, with dotted and qualified keys (FLAG).
        single = {
            "title": person.new_title,
            "name.familyName": person.family_name,
            f"{ENTERPRISE_URN}:department": person.department,
        }
        return [
            {"op": "add", "path": mobile, "value": person.phone},
            {"op": "replace", "value": single},
        ]
    return [
        {"op": "Replace", "path": "title", "value": person.new_title},
        {"op": "Replace", "path": "name.familyName", "value": person.family_name},
        {"op": "Add", "path": f"{ENTERPRISE_URN}:department", "value": person.department},
        {"op": "Add", "path": mobile, "value": person.phone},
    ]


def _add(session: Session, people: list[Employee]) -> dict[str, Any]:
    value = [{"$ref": None, "value": session.users[person.number]} for person in people]
    return {"op": "Add", "path": "members", "value": value}


def _removal(session: Session, team: Team, person: Employee) -> dict[str, Any]:
    """Return how a member goes: by a filter with the flag, by a list of values without (FLAG)."""
    id = session.users[person.number]
    if _flagged(team):
        return {"op": "remove", "path": f"members[{equals('value', id)}]"}
    return {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": id}]}


ENTRA = IdentityProvider(
    name="entra",
    title="Microsoft Entra ID",
    headers={
        "Accept": "application/scim+json",
        "Content-Type": "application/scim+json; charset=utf-8",
        # As in the requests that getsentry/self-hosted issue 2280 quotes.
        "ADSCIMVersion": "6.0",
    },
    steps=(
        Step("Test the connection", steps.once, try_connection, SCIM, required=True),
        Step("Discover schemas", steps.once, discover, SCIM),
        Step("Initial cycle: users", steps.everybody, bring_in, SCIM),
        Step("Initial cycle: managers", steps.managed, name_manager, STRINGS),
        Step("Initial cycle: groups", steps.teams, push_group, SCIM),
        Step("Next cycle: users", steps.everybody, update, FLAG),
        Step("Next cycle: groups", steps.teams, change_group, FLAG),
        Step("Soft-delete", steps.leavers, disable, HOW),
        Step("Restore", steps.returning, partial(switch, active=True), HOW),
        Step("Hard-delete", steps.removed, Session.delete_user, HOW),
        Step("Delete groups", steps.dissolved, Session.delete_group, SCIM),
    ),
    moves=Moves(
        assign=bring_in,
        update=update,
        switch=switch,
        push_group=push_group,
        add=_add,
        leave=leave,
    ),
    shown=shown,
)
