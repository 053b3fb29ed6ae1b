"""Each identity provider against the app: nothing fails, and what it asked for is there."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.tools.simulator.directory import Directory, Employee
from django_scim_provider.tools.simulator.google import active_departures
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.simulation import Simulation
from tests.factories import make_token
from tests.live import LiveSCIM
from tests.scim_client import SCIMTestClient
from tests.simulator.playing import in_process, path_of, play, start, wrongs

every_provider = pytest.mark.parametrize("name", sorted(PROVIDERS))


def gone(name: str, directory: Directory) -> set[Employee]:
    """Return whom the provider deleted."""
    if name == "okta":
        return set()
    without_suspension = active_departures(directory) if name == "google" else ()
    return {*directory.removed, *without_suspension}


def access(name: str, directory: Directory) -> dict[str, bool]:
    """Return who should have an account, by userName, and whether it should be active."""
    out = set(directory.leavers) - set(directory.returning)
    return {
        person.user_name: person not in out
        for person in directory.people
        if person not in gone(name, directory)
    }


def memberships(name: str, directory: Directory) -> set[tuple[int, str]]:
    """Return who should be in which group, by its number, where the last was deleted."""
    return {
        (team.number, person.user_name)
        for team in directory.teams[:-1]
        for person in ({*team.members, *team.joins} - {*team.leaves}) - gone(name, directory)
    }


def stored_access() -> dict[str, bool]:
    return {
        json.loads(account.resource)["userName"]: bool(account.active)
        for account in LinkedAccount.objects.of("judged")
    }


def stored_memberships(run: Simulation) -> set[tuple[int, str]]:
    numbers = {id: number for number, id in run.session.groups.items()}
    names = {
        str(account.pk): json.loads(account.resource)["userName"]
        for account in LinkedAccount.objects.of("judged")
    }
    return {
        (numbers[str(row.group_id)], names[str(row.account_id)])
        for row in GroupMember.objects.all()
    }


@every_provider
@pytest.mark.django_db(transaction=True)
def test_traffic_of_a_provider_leaves_what_it_asked_for(name: str, scim: LiveSCIM) -> None:
    groups = 3 if PROVIDERS[name].pushes_groups else 0

    run = play(name, scim, groups=groups)

    directory = run.session.directory
    assert wrongs(run) == []
    assert run.good
    assert stored_access() == access(name, directory)
    assert stored_memberships(run) == memberships(name, directory)
    assert {False, True} <= set(stored_access().values())


@every_provider
@pytest.mark.django_db
def test_clean_up_leaves_nothing(name: str) -> None:
    token = make_token(provider_id="judged")
    sizes: dict[str, Any] = {"users": 7, "groups": 3 if PROVIDERS[name].pushes_groups else 0}

    run = start(name, in_process(SCIMTestClient(token)), token=token, cleanup=True, **sizes)
    run.play()

    assert wrongs(run) == []
    assert not LinkedAccount.objects.exists()
    assert not ProvisionedGroup.objects.exists()


@every_provider
def test_each_step_names_its_source(name: str) -> None:
    sources = [step.source for step in PROVIDERS[name].steps]

    assert all(sources)


@every_provider
@pytest.mark.django_db
def test_smallest_company_is_enough(name: str) -> None:
    token = make_token(provider_id="judged")
    sizes: dict[str, Any] = {
        "users": 1,
        "groups": int(PROVIDERS[name].pushes_groups),
        "deactivate": 100,
    }

    run = start(name, in_process(SCIMTestClient(token)), token=token, **sizes)
    run.play()

    assert wrongs(run) == []


def recorded(name: str, **changes: Any) -> list[str]:
    """Return the requests of a run, with the ids that the server gave by their order."""
    token = make_token(provider_id=f"judged-{changes['run']}")
    network = in_process(SCIMTestClient(token))
    sent: list[str] = []
    ids: list[str] = []

    def recording(request: httpx2.Request) -> httpx2.Response:
        answer = network(request)
        text = f"{request.method} {path_of(request)} {request.content.decode()}"
        if request.method == "PUT":
            text = f"PUT {path_of(request)}"  # Okta sends times of the server back
        for number, id in enumerate(ids):
            text = text.replace(id, f"id{number}")
        sent.append(text.replace(changes["run"], "RUN"))
        if answer.status_code == 201:
            ids.append(json.loads(answer.content)["id"])
        return answer

    start(name, recording, token=token, **changes).play()
    return sent


@every_provider
@pytest.mark.django_db
def test_seed_decides_the_traffic(name: str) -> None:
    first = recorded(name, run="qqqq", seed=5)
    second = recorded(name, run="wwww", seed=5)
    other = recorded(name, run="zzzz", seed=6)

    assert without_object_ids(first) == without_object_ids(second)
    assert without_object_ids(first) != without_object_ids(other)


def without_object_ids(sent: list[str]) -> list[str]:
    """Leave out requests with Entra's object ids, which are made of the run."""
    return [text for text in sent if "POST /Groups" not in text][1:]
