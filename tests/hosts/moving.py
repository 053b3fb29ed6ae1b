"""Identity providers that began with another package, and go on with this one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django_scim_provider.tools.addresses import parse_base_url
from django_scim_provider.tools.http import HTTPExchange
from django_scim_provider.tools.simulator.audit import AUDIT
from django_scim_provider.tools.simulator.directory import invent
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.steps import Step
from django_scim_provider.tools.simulator.traffic import Traffic
from tests.hosts.newcomer import Newcomer

FIRST = {
    "okta": ("Import people", "Push groups"),
    "entra": ("Initial cycle: users", "Initial cycle: groups"),
}
"""What a provider does once; all the rest is its delta."""
OLD_TOKEN = "old-token"


def begin_elsewhere(name: str, url: str) -> Session:
    """Return a provider that has brought everybody in, whatever else the server could not do."""
    directory = invent(run=f"{name}1", seed=7, users=12, groups=3, deactivate=45)
    with exchange_with(name, url, OLD_TOKEN) as exchange:
        session = Session(directory=directory, traffic=Traffic(exchange=exchange))
        play(session, [step for step in PROVIDERS[name].steps if step.name in FIRST[name]])
    wrong = [f"{one.request.name}: {one.wrong} {one.detail}" for one in _failures(session)]
    assert len(session.users) == len(directory.people), wrong
    members = {team.number: {one.number for one in team.members} for team in directory.teams}
    assert session.members == members, wrong
    return session


def go_on(name: str, session: Session, url: str, token: str) -> list[str]:
    """Play the delta against another server, and return what went wrong."""
    rest = [step for step in PROVIDERS[name].steps if step.name not in FIRST[name]]
    with exchange_with(name, url, token) as exchange:
        session.traffic = Traffic(exchange=exchange)
        play(session, [*rest, *AUDIT])
    return [f"{one.request.name}: {one.wrong} {one.detail}" for one in _failures(session)]


def exchange_with(name: str, url: str, token: str) -> HTTPExchange:
    """Return what sends the requests of a provider to a server."""
    return HTTPExchange(parse_base_url(url), token, headers=dict(PROVIDERS[name].headers))


def play(session: Session, steps: Iterable[Step]) -> None:
    """Play steps, each for all that it is about."""
    for step in steps:
        for item in step.over(session.directory):
            step.play(session, item)


def _failures(session: Session) -> list[Any]:
    return session.traffic.failures


def names_of(session: Session) -> dict[str, str]:
    """Return the names of the people by the ids that the provider has noted."""
    people = session.directory.people
    return {id: people[number].user_name for number, id in session.users.items()}


def teams_of(session: Session) -> dict[str, list[str]]:
    """Return the names of the members by the ids of the groups."""
    people = session.directory.people
    return {
        id: sorted(people[one].user_name for one in session.members[number])
        for number, id in session.groups.items()
    }


def stored(project: Newcomer, provider_id: str) -> dict[str, Any]:
    """Return what the project has of a connection now, in the same form."""
    code = (
        "import json\n"
        "from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup\n"
        f"accounts = LinkedAccount.objects.of({provider_id!r}).select_related('user')\n"
        f"groups = ProvisionedGroup.objects.of({provider_id!r})\n"
        "print(json.dumps({'people': {a.scim_id: a.user.username for a in accounts},\n"
        "  'made': sum(a.created_user for a in accounts),\n"
        "  'groups': {g.scim_id: sorted(g.members.values_list('account__user__username', "
        "flat=True)) for g in groups}}))"
    )
    found: dict[str, Any] = json.loads(project.manage("shell", "-v", "0", "-c", code).stdout)
    return found
