"""The probe user is gone afterwards, whatever fails in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.doctor.conftest import Examine, Serve, Server
from tests.doctor.set_ups import App, Environ, asks, instead, page, with_body
from tests.factories import make_token
from tests.scim_client import SCIMTestClient


class Picky(DefaultAdapter):
    """Takes nobody of other domains, as an adapter of a project may."""

    def create_user(self, resource: Resource, fields: dict[str, Any]) -> Any:
        raise InvalidValue("userName must be in example.com.")


def drops_connection(applies: Callable[[Environ], bool], *, after: bool = False) -> Any:
    """Let requests die without an answer, before or after the application did its work."""

    def wrap(app: App) -> App:
        def broken(environ: Environ, start_response: Any) -> Any:
            if not applies(environ):
                return app(environ, start_response)
            if after:
                response: Any = app(environ, lambda *args: None)
                b"".join(response)
                response.close()
            environ["tests.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError

        return broken

    return wrap


def with_token(environ: Environ) -> bool:
    return "HTTP_AUTHORIZATION" in environ


def both(*all_of: Callable[[Environ], bool]) -> Callable[[Environ], bool]:
    return lambda environ: all(applies(environ) for applies in all_of)


def once(applies: Callable[[Environ], bool]) -> Callable[[Environ], bool]:
    """Apply to the first request only."""
    left = [True]

    def first(environ: Environ) -> bool:
        return applies(environ) and bool(left) and left.pop()

    return first


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("status", "id"),
    [
        pytest.param("403 Forbidden", "blocked-by-proxy", id="firewall"),
        pytest.param("502 Bad Gateway", "application-unreachable", id="gateway"),
        pytest.param("500 Internal Server Error", "server-error", id="error"),
        pytest.param("405 Method Not Allowed", "blocked-by-proxy", id="method"),
    ],
)
def test_step_that_fails_leaves_nothing(
    serve: Serve, examine: Examine, token: str, method: str, status: str, id: str
) -> None:
    found = examine(serve(instead(page(status), once(asks(method)))).url, token)

    assert found.code == 1
    assert id in found.ids
    assert f"{method} /Users/" in found.seen
    assert not LinkedAccount.objects.exists()


def test_answer_that_breaks_off_leaves_nothing(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(drops_connection(once(asks("PUT")))).url, token)

    assert (found.code, found.ids) == (1, ["no-answer"])
    assert not LinkedAccount.objects.exists()


def test_creation_without_an_answer_leaves_nothing(
    serve: Serve, examine: Examine, token: str
) -> None:
    def creates(environ: Environ) -> bool:
        return asks("POST")(environ) and environ["PATH_INFO"] == "/scim/v2/Users"

    found = examine(serve(drops_connection(both(creates, with_token), after=True)).url, token)

    assert found.code == 1
    assert ProvisioningEvent.objects.filter(action="create", outcome="done").exists()
    assert not LinkedAccount.objects.exists()


def test_user_that_cannot_be_deleted_is_named_with_its_id(
    serve: Serve, examine: Examine, token: str
) -> None:
    found = examine(serve(instead(page("403 Forbidden"), asks("DELETE"))).url, token)

    account = LinkedAccount.objects.get()
    assert "probe-left-behind" in found.ids
    assert f"with the id {account.pk}" in found.seen
    assert account.user_name in found.seen


def test_search_that_fails_is_said(serve: Serve, examine: Examine, token: str) -> None:
    def is_search(environ: Environ) -> bool:
        return "example.invalid" in environ["QUERY_STRING"]

    server = serve(
        instead(page("403 Forbidden"), is_search), instead(page("503 x"), asks("DELETE"))
    )

    found = examine(server.url, token)

    assert "probe-not-verified" in found.ids
    assert str(LinkedAccount.objects.get().pk) in found.seen


def test_search_that_fails_still_deletes_by_id(serve: Serve, examine: Examine, token: str) -> None:
    def is_search(environ: Environ) -> bool:
        return "example.invalid" in environ["QUERY_STRING"]

    found = examine(serve(instead(page("403 Forbidden"), is_search)).url, token)

    assert found.ids == ["blocked-by-proxy"]
    assert not LinkedAccount.objects.exists()


def test_server_that_ignores_filters_loses_nobody(
    serve: Serve, examine: Examine, token: str
) -> None:
    def forget(environ: Environ) -> bool:
        if "example.invalid" in environ["QUERY_STRING"]:
            environ["QUERY_STRING"] = ""
        return False

    server = serve(instead(page("200 OK"), forget))
    for name in ("ann", "bob"):
        SCIMTestClient(token).create_user(name)

    found = examine(server.url, token)

    assert found.ids == ["probe-not-found"]
    names = LinkedAccount.objects.order_by("user_name").values_list("user_name", flat=True)
    assert list(names) == ["ann", "bob"]
    assert "ann" not in found.out


def test_change_that_does_not_stick_is_found(serve: Serve, examine: Examine, token: str) -> None:
    def reactivate(environ: Environ, body: Any) -> Any:
        return {**body, "active": True} if isinstance(body, dict) and "active" in body else body

    found = examine(serve(with_body(reactivate)).url, token)

    assert (found.code, found.ids) == (1, ["probe-not-deactivated"])


def test_adapter_that_refuses_is_named(
    serve: Serve, examine: Examine, token: str, scim_settings: Any
) -> None:
    scim_settings(ADAPTER="tests.doctor.test_probe_user.Picky")

    found = examine(serve().url, token)

    assert (found.code, found.ids) == (1, ["probe-refused"])
    assert "400 (scimType invalidValue)" in found.seen


def test_no_write_makes_no_user(serve: Serve, examine: Examine, token: str) -> None:
    server = serve()

    found = examine(server.url, token, "--no-write")

    assert (found.code, found.ids) == (0, [])
    assert found.report["checks"]["probe-user"] == "skipped"
    assert not ProvisioningEvent.objects.filter(action="create").exists()


def test_password_is_set_where_that_is_declared(
    serve: Serve, examine: Examine, token: str, scim_settings: Any
) -> None:
    scim_settings(ALLOW_PASSWORD=True)

    assert examine(serve().url, token).ids == []


def test_user_of_the_project_is_gone_too(serve: Serve, examine: Examine, token: str) -> None:
    examine(serve().url, token)

    assert not get_user_model()._default_manager.exists()
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_signal_in_the_middle_leaves_nothing(
    serve: Serve, number: signal.Signals, method: str, db: None
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def holds(environ: Environ) -> bool:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"].rpartition("/")[2]
        if asked[0] == method and asked[1] not in ("Bulk", ".search") and with_token(environ):
            reached.set()
            go_on.wait(20)
        return False

    server = serve(instead(page("200 OK"), holds))
    process = start_doctor(server)
    assert process.stdin is not None
    process.stdin.write(make_token() + "\n")
    process.stdin.close()
    process.stdin = None
    assert reached.wait(120)

    process.send_signal(number)
    go_on.set()
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130, out + err
    assert "the probe user is removed first" in err
    assert "Stopped." in err
    assert not LinkedAccount.objects.exists()
    assert "DELETE" in {asked for asked, _, _ in server.requests}


def start_doctor(server: Server) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "django", "scim_doctor", server.url, "--token-stdin"]
    return subprocess.Popen(
        command,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
