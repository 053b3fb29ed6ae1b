"""Runs against servers that do not do what they should."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from django_scim_provider.core.urns import LIST_URN
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import CHUNK
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.traffic import ProviderRequest, ProvisioningFailure
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.simulator.playing import Network, bent, in_process, path_of, reply, start, wrongs

pytestmark = pytest.mark.django_db

every_provider = pytest.mark.parametrize("name", sorted(PROVIDERS))


@pytest.fixture
def app() -> Network:
    return in_process(SCIMTestClient(make_token(provider_id="judged")))


def played(name: str, transport: Network, *, cleanup: bool = False) -> Simulation:
    token = make_token(provider_id="judged")
    run = start(name, transport, token=token, cleanup=cleanup)
    run.play()
    return run


def operations(run: Simulation) -> set[str]:
    return {failure.request.operation for failure in run.session.traffic.failures}


@every_provider
def test_provider_goes_no_further_when_the_connection_fails(name: str) -> None:
    run = start(name, lambda request: reply(500), cleanup=True)

    run.play()

    assert "failed" in run.stopped
    assert not run.good
    assert sum(len(one.milliseconds) for one in run.session.traffic.operations.values()) == 1


@every_provider
def test_wrong_status_of_a_creation_is_reported_for_each_person(name: str, app: Network) -> None:
    def refuse(method: str, path: str) -> httpx2.Response | None:
        return reply(500) if (method, path) == ("POST", "/Users") else None

    activated = bent(app, refuse) if name != "jumpcloud" else refusing_people(app)
    run = played(name, activated)

    created = run.session.traffic.operations["Create a user"]
    assert len(created.failures) == len(run.session.directory.people)
    assert {failure.status for failure in created.failures} == {500}
    assert not run.good


def refusing_people(app: Network) -> Network:
    """Return the app that takes JumpCloud's test user and nobody else."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        creates = (request.method, path_of(request)) == ("POST", "/Users")
        if creates and b"jumpcloud-test" not in request.content:
            return reply(500)
        return app(request)

    return answer


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("okta", {"Audit: read a user", "Audit: read a group"}),
        ("entra", {"Audit: read a user", "Audit: read a group"}),
        ("google", {"Audit: read a user"}),
        ("onelogin", {"Audit: read a group"}),  # changes users by PUT only
        ("jumpcloud", {"Audit: read a user", "Audit: read a group"}),
    ],
)
def test_patches_that_change_nothing_are_found(name: str, found: set[str], app: Network) -> None:
    def pretend(method: str, path: str) -> httpx2.Response | None:
        return reply(204) if method == "PATCH" else None

    run = played(name, bent(app, pretend))

    assert operations(run) & {"Audit: read a user", "Audit: read a group"} == found


@every_provider
def test_deletion_that_keeps_the_user_is_found(name: str, app: Network) -> None:
    def pretend(method: str, path: str) -> httpx2.Response | None:
        return reply(204) if method == "DELETE" else None

    run = played(name, bent(app, pretend))

    assert bool(operations(run)) is (name != "okta")


@every_provider
def test_busy_server_is_waited_for(name: str, app: Network) -> None:
    asked: list[str] = []

    def throttle(method: str, path: str) -> httpx2.Response | None:
        asked.append(path)
        return reply(429, retry_after="3") if len(asked) % 4 == 0 else None

    run = played(name, bent(app, throttle))

    throttled = sum(one.throttled for one in run.session.traffic.operations.values())
    assert wrongs(run) == []
    assert throttled == len(asked) // 4
    assert run.session.traffic.waited == 3 * throttled


def test_people_who_are_on_no_page_are_found(app: Network) -> None:
    def empty(method: str, path: str) -> httpx2.Response | None:
        if path != "/Users?startIndex=1&count=100":
            return None
        return reply(200, {"schemas": [LIST_URN], "totalResults": 0})

    run = played("okta", bent(app, empty))

    assert [one.wrong for one in run.session.traffic.failures] == [
        "12 users are missing from the pages, 0 are on several"
    ]


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "jumpcloud"])
def test_large_group_is_pushed_in_several_requests(name: str, app: Network) -> None:
    run = start(name, app, token=make_token(provider_id="judged"), users=CHUNK + 5, groups=1)
    directory = run.session.directory
    everybody = replace(directory.teams[0], members=directory.people, joins=())
    run.session.directory = replace(directory, teams=(everybody,))

    run.play()

    assert wrongs(run) == []
    assert len(run.session.members[0]) > CHUNK - len(directory.leavers)


def test_filter_that_is_ignored_is_found() -> None:
    ceo = {"id": "5", "userName": "ceo@corp.example"}
    everything = {"schemas": [LIST_URN], "totalResults": 1, "Resources": [ceo]}

    run = start("entra", lambda request: reply(200, everything))
    run.play()

    assert [one.wrong for one in run.session.traffic.failures] == [
        "totalResults is 1 and the page has 1 resources, not 0"
    ]


def test_clean_up_deletes_what_was_created_unanswered(app: Network) -> None:
    def lose(method: str, path: str) -> bool:
        return method == "POST" and path in {"/Users", "/Groups"}

    def answer(request: httpx2.Request) -> httpx2.Response:
        made = app(request)
        return reply(502) if lose(request.method, path_of(request)) else made

    run = played("onelogin", answer, cleanup=True)

    assert not run.good
    assert not LinkedAccount.objects.exists()
    assert not ProvisionedGroup.objects.exists()


def test_clean_up_deletes_nobody_else(app: Network) -> None:
    client = SCIMTestClient(make_token(provider_id="judged"))
    post(client, "ceo@corp.example")

    def answer(request: httpx2.Request) -> httpx2.Response:
        if (request.method, path_of(request)) == ("POST", "/Users"):
            return reply(502)
        if "filter" in request.url.params:
            request.url = request.url.copy_with(query=None)
        return app(request)

    played("okta", answer, cleanup=True)

    assert LinkedAccount.objects.count() == 1


def test_clean_up_follows_an_interruption(app: Network) -> None:
    def interrupt(method: str, path: str) -> httpx2.Response | None:
        if method == "PUT":
            raise KeyboardInterrupt
        return None

    run = start("okta", bent(app, interrupt), token=make_token(provider_id="judged"), cleanup=True)
    with pytest.raises(KeyboardInterrupt):
        run.play()

    assert run.session.users
    assert not LinkedAccount.objects.exists()


def failure(
    operation: str = "Create a user", about: str = "Ann Lee", **changes: object
) -> ProvisioningFailure:
    known: dict[str, object] = {
        "request": ProviderRequest(operation, "POST", "/Users", (201,), about=about),
        "status": 409,
        "scim_type": "uniqueness",
        "detail": "userName is taken.",
        "wrong": "the status is 409, not 201",
    }
    return ProvisioningFailure(**{**known, **changes})  # type: ignore[arg-type] # the names are the fields


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "okta",
            "Automatic provisioning of user Ann Lee to app failed: Error while creating user "
            "Ann Lee: Conflict. Errors reported by remote server: userName is taken.",
        ),
        ("entra", "EntryConflict: failed to process Ann Lee. userName is taken."),
        ("google", "Ann Lee: HTTP 409, userName is taken."),
        ("onelogin", "Ann Lee: failed (409): userName is taken."),
        ("jumpcloud", "user_create_provision (Ann Lee): 409 userName is taken."),
    ],
)
def test_administrator_is_told_in_the_words_of_the_provider(name: str, said: str) -> None:
    shown = PROVIDERS[name].shown(failure())

    assert shown == said


@every_provider
@pytest.mark.parametrize("status", [None, 200, 401, 418, 500])
def test_every_failure_can_be_told(name: str, status: int | None) -> None:
    odd = failure(operation="Something else", about="", detail="", status=status, wrong="no id")

    shown = PROVIDERS[name].shown(odd)

    assert "no id" in shown
    assert "None" not in shown
