"""What Okta would not try: tokens that open nothing, or another tenant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django_scim_provider.tools.simulator.directory import Directory
from django_scim_provider.tools.simulator.expectations import error, found
from django_scim_provider.tools.simulator.okta import OKTA
from django_scim_provider.tools.simulator.session import Session, equals, query
from django_scim_provider.tools.simulator.steps import IdentityProvider, Step, once

OWN = "the demo's own"


def okta_and_tenants(foreign_token: str) -> IdentityProvider:
    """Return Okta with further steps; the token is of a connection that may see none of it."""
    hide = partial(hide_from_others, foreign_token)
    return replace(
        OKTA,
        steps=(
            *OKTA.steps,
            Step("Wrong tokens", once, refuse_wrong_tokens, OWN),
            Step("Another tenant", once, hide, OWN),
            Step("Delete", once, delete, OWN),
        ),
    )


def refuse_wrong_tokens(session: Session, directory: Directory) -> None:
    """Send a token that lost its end, and one that never was."""
    path = f"/Users?{_search(directory)}"
    for token in (session.traffic.exchange.token[:-1], "nonsense"):
        session.send(
            "Refuse wrong tokens",
            *("GET", path, 401),
            check=error(401),
            authorization=f"Bearer {token}",
        )


def hide_from_others(foreign_token: str, session: Session, directory: Directory) -> None:
    """Look for somebody, read and delete them with the token of another connection."""
    person = directory.people[-1]
    if person.number not in session.users:
        return
    path, operation = session.user_path(person), "Hide from others"
    foreign = f"Bearer {foreign_token}"
    session.send(operation, "GET", path, 404, check=error(404), authorization=foreign)
    search = f"/Users?{_search(directory)}"
    session.send(operation, "GET", search, 200, check=found(0), authorization=foreign)
    session.send(operation, "DELETE", path, 404, check=error(404), authorization=foreign)


def delete(session: Session, directory: Directory) -> None:
    """Delete a leaver, who is gone then."""
    person = directory.leavers[0]
    if person.number in session.users:
        path = session.user_path(person)
        session.delete_user(person)
        session.send("Gone after delete", "GET", path, 404, check=error(404))


def _search(directory: Directory) -> str:
    return query(filter=equals("userName", directory.people[-1].user_name))
