"""All work for a connection is done inside the context manager that the project names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, connections
from django.test import AsyncClient

from django_scim_provider import api
from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.core.errors import Forbidden, NotFound
from django_scim_provider.core.schemas import GROUP as GROUP_TYPE
from django_scim_provider.core.schemas import USER
from django_scim_provider.insight.drift import DriftComparison
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from django_scim_provider.storage.roles.replay import reconcile_roles
from tests.factories import make_token
from tests.large_content import people, pieces_of
from tests.people import connect, make_organization, make_user, post
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

TOLD: list[tuple[str, Any]] = []
CUSTOMER: ContextVar[str | None] = ContextVar("customer", default=None)


@contextmanager
def customer(context: ProvisioningContext) -> Iterator[None]:
    """Note what enters and leaves, and choose a customer meanwhile."""
    TOLD.append(("enter", context))
    token = CUSTOMER.set(context.organization_id or context.provider_id)
    try:
        yield
    except BaseException as exc:
        TOLD.append(("raised", type(exc).__name__))
        raise
    finally:
        CUSTOMER.reset(token)
        TOLD.append(("leave", CUSTOMER.get()))


class Swallowing(AbstractContextManager[None]):
    """Says that an exception is done with."""

    def __init__(self, context: ProvisioningContext) -> None:
        pass

    def __exit__(self, *exc: object) -> bool:
        return True


class Closed(AbstractContextManager[None]):
    """Lets nobody in."""

    def __init__(self, context: ProvisioningContext) -> None:
        pass

    def __enter__(self) -> None:
        raise Forbidden("The customer is suspended.")

    def __exit__(self, *exc: object) -> None:
        raise AssertionError("It was never entered.")


@contextmanager
def broken_at_the_end(context: ProvisioningContext) -> Iterator[None]:
    yield
    raise ZeroDivisionError


@contextmanager
def failing_at_the_end(context: ProvisioningContext) -> Iterator[None]:
    yield
    raise OperationalError


class Signing(DefaultAdapter):
    """Writes the customer who is chosen into each user."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        return {**super().user_fields(resource), "last_name": str(CUSTOMER.get())}


@pytest.fixture(autouse=True)
def named(scim_settings: Callable[..., None]) -> Callable[[str], None]:
    TOLD.clear()
    scim_settings(REQUEST_CONTEXT=f"{__name__}.customer", ADAPTER=f"{__name__}.Signing")
    return lambda name: scim_settings(REQUEST_CONTEXT=f"{__name__}.{name}")


def told() -> list[str]:
    return [what if what != "raised" else str(who) for what, who in TOLD]


def test_request_is_served_inside_with_its_connection() -> None:
    client = connect("acme", "org")

    answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert answer.status == 201
    assert get_user_model()._default_manager.get().last_name == "org"
    assert told() == ["enter", "leave"]
    context = TOLD[0][1]
    assert (context.provider_id, context.organization_id) == ("acme", "org")
    assert context.request_id == answer.headers["X-Request-ID"]
    assert context.connection == ProviderConnection.objects.get()
    assert CUSTOMER.get() is None


@pytest.mark.parametrize("path", ["/Users", "/ServiceProviderConfig", "/", "/nowhere", "/Me"])
def test_nothing_is_entered_without_a_connection(
    scim_settings: Callable[..., None], path: str
) -> None:
    scim_settings(PUBLIC_DISCOVERY=True)

    assert SCIMTestClient("bad").get(path).status in (200, 401)
    assert SCIMTestClient(None).get(path).status in (200, 401)
    assert TOLD == []


def test_refusal_passes_through_and_its_event_is_written_inside() -> None:
    client = connect()
    client.create_user("ann")
    TOLD.clear()

    answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert answer.status == 409
    assert told() == ["enter", "Uniqueness", "leave", "enter", "leave"]
    assert ProvisioningEvent.objects.filter(outcome="refused").count() == 1


def test_fault_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect()

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("django_scim_provider.storage.users.store.UserStore.get", fail)

    assert client.get("/Users/x").status == 500
    assert told() == ["enter", "ZeroDivisionError", "leave"]


def test_what_ends_the_worker_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect()

    def end(*_: Any, **__: Any) -> None:
        raise SystemExit

    monkeypatch.setattr("django_scim_provider.storage.users.store.UserStore.get", end)

    with pytest.raises(SystemExit):
        client.get("/Users/x")
    assert told() == ["enter", "SystemExit", "leave"]


def test_exception_cannot_be_swallowed(named: Callable[[str], None]) -> None:
    client = connect()
    named("Swallowing")

    assert client.get("/Users/x").status == 404
    with pytest.raises(NotFound):
        api.get_scim_user("acme", "x")


def test_context_manager_may_refuse(named: Callable[[str], None]) -> None:
    client = connect()
    named("Closed")

    answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert (answer.status, answer.json["detail"]) == (403, "The customer is suspended.")
    assert not get_user_model()._default_manager.exists()


def test_failure_at_the_end_is_answered(named: Callable[[str], None]) -> None:
    client = connect()
    named("failing_at_the_end")

    answer = client.get("/Users")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["status"] == "503"


def test_fault_at_the_end_does_not_say_that_nothing_was_changed(
    named: Callable[[str], None],
) -> None:
    client = connect()
    named("broken_at_the_end")

    written, read = post(client, "ann"), client.get("/Users")

    assert LinkedAccount.objects.count() == 1
    assert (written.status, read.status) == (500, 500)
    assert "nothing was changed" not in written.json["detail"]
    assert "nothing was changed" in read.json["detail"]


def test_each_piece_of_a_large_answer_is_made_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_token(provider_id="acme")
    people(12)
    queried: list[str | None] = []

    def note(execute: Any, *args: Any) -> Any:
        queried.append(CUSTOMER.get())
        return execute(*args)

    pieces = pieces_of(token, "/Users?count=12")
    next(pieces)
    between = CUSTOMER.get()
    with connection.execute_wrapper(note):
        list(pieces)

    assert between is None
    assert queried
    assert set(queried) == {"acme"}
    assert told().count("enter") == told().count("leave") > 2
    assert {who for what, who in TOLD if what == "leave"} == {None}


@pytest.mark.django_db(transaction=True)
def test_pieces_are_made_inside_under_asgi() -> None:
    token = make_token(provider_id="acme")
    people(12)

    async def read() -> bytes:
        headers: Any = {"AUTHORIZATION": f"Bearer {token}"}
        response: Any = await AsyncClient().get("/scim/v2/Users?count=12", **headers)
        body = b"".join([piece async for piece in response.streaming_content])
        await sync_to_async(connections.close_all)()  # that of the thread which served the request
        return body

    assert b'"totalResults":12' in asyncio.run(read())
    assert told().count("enter") == told().count("leave") > 2
    assert {who for what, who in TOLD if what == "leave"} == {None}


def test_functions_of_the_api_work_inside() -> None:
    connect("acme", "org")
    made = api.create_scim_user("acme", {"schemas": [CORE], "userName": "ann"})
    change = [{"op": "add", "path": "title", "value": "Chief"}]
    api.patch_scim_user("acme", made["id"], change)
    api.get_scim_user("acme", made["id"])
    api.list_scim_users("acme")
    api.update_scim_user("acme", made["id"], {"schemas": [CORE], "userName": "anna"})
    api.delete_scim_user("acme", made["id"])

    assert told() == ["enter", "leave"] * 6
    assert get_user_model()._default_manager.get().last_name == "org"


def test_commands_and_actions_on_one_connection_work_inside() -> None:
    make_organization("org", ann="member")
    make_user("bob")
    connect("acme", "org").create_user("cid")
    found = ProviderConnection.objects.get()
    TOLD.clear()

    adopt_users(found, get_user_model()._default_manager.all(), USER, commit=True)
    reconcile_roles(found)
    DriftComparison(found, user_type=USER, group_type=GROUP_TYPE).run()
    decommission(found)

    assert told() == ["enter", "leave"] * 4
    assert {who.organization_id for what, who in TOLD if what == "enter"} == {"org"}
