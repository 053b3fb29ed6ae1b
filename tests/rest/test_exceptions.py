"""Exceptions become SCIM errors; what is our fault is logged and told to error trackers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf

from django_scim_provider.core.errors import InvalidSyntax, PayloadTooLarge, SCIMError
from django_scim_provider.observability import Exchange
from django_scim_provider.rest.content.parsers import SCIMJSONParser
from django_scim_provider.rest.exceptions import scim_exception_handler
from django_scim_provider.storage.users.writing import account_changes
from tests.scim_client import ERROR, SCIMTestClient


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """Yield what error trackers are told."""
    found: list[Any] = []

    def note(**sent: Any) -> None:
        found.append(sent["request"])

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


def handled(exc: Exception) -> Any:
    request = SimpleNamespace(method="GET", path="/x", META={}, _request=object())
    exchange = Exchange(request_id="r", operation="users.get", path="/Users")
    view = SimpleNamespace(allowed_methods=["GET"], exchange=exchange)
    return scim_exception_handler(exc, {"request": request, "view": view})


@pytest.mark.parametrize(
    ("exc", "status", "header"),
    [
        (Http404(), 404, None),
        (PermissionDenied(), 403, None),
        (drf.NotAuthenticated(), 401, "WWW-Authenticate"),
        (drf.AuthenticationFailed(), 401, "WWW-Authenticate"),
        (drf.PermissionDenied(), 403, None),
        (drf.NotFound(), 404, None),
        (drf.MethodNotAllowed("X"), 405, "Allow"),
        (drf.NotAcceptable(), 406, None),
        (drf.UnsupportedMediaType("x"), 415, None),
        (drf.ParseError(), 400, None),
        (drf.Throttled(wait=2), 429, "Retry-After"),
        (drf.Throttled(), 429, None),
        (SuspiciousOperation(), 400, None),
        (UnreadablePostError(), 400, None),
        (OperationalError(), 503, "Retry-After"),
        (InterfaceError(), 503, "Retry-After"),
        (SCIMError("x"), 400, None),
        (RuntimeError("secret detail"), 500, None),
    ],
)
@pytest.mark.django_db
def test_exception_becomes(
    exc: Exception, status: int, header: str | None, told: list[Any]
) -> None:
    response = handled(exc)

    assert response.status_code == status
    assert response.data["status"] == str(status)
    assert response.data["schemas"] == [ERROR]
    assert "secret" not in str(response.data)
    assert header is None or header in response.headers
    assert len(told) == (status in (500, 503))


@pytest.mark.django_db
def test_fault_of_ours_is_a_500_that_loses_nothing(
    scim_client: SCIMTestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    told: list[Any],
) -> None:
    user = scim_client.create_user("ann@x.example")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("after the account was written")

    with monkeypatch.context() as patch:
        patch.setattr(account_changes, "send_after_commit", fail)
        operation = {"op": "replace", "path": "title", "value": "T"}
        answer = scim_client.patch(f"/Users/{user['id']}", operation)

    assert answer.status == 500
    assert "account was written" not in answer.text
    assert "account was written" in caplog.text
    assert len(told) == 1
    assert scim_client.get(f"/Users/{user['id']}").json == user


class Broken:
    """A stream whose client went away."""

    def read(self, size: int) -> bytes:
        raise UnreadablePostError


@pytest.mark.parametrize(
    ("stream", "length", "error"),
    [
        (Broken(), "5", InvalidSyntax),
        (io.BytesIO(b"{}"), "5", InvalidSyntax),
        (io.BytesIO(b" " * (1024 * 1024 + 1)), "", PayloadTooLarge),
    ],
)
def test_body_that_is_cut_off_or_endless_is_refused(
    stream: Any, length: str, error: type[SCIMError]
) -> None:
    request = SimpleNamespace(META={"CONTENT_LENGTH": length})
    context = {"request": request, "view": SimpleNamespace(max_body_bytes=1024 * 1024)}

    with pytest.raises(error):
        SCIMJSONParser().parse(stream, "application/scim+json", context)


@pytest.mark.parametrize(("size", "left"), [(3, 0), (20, 4)])
def test_large_body_is_read_on_so_that_the_answer_is_heard(size: int, left: int) -> None:
    stream = io.BytesIO(b" " * size * 1024 * 1024)
    request = SimpleNamespace(META={"CONTENT_LENGTH": str(size * 1024 * 1024)})
    context = {"request": request, "view": SimpleNamespace(max_body_bytes=1024 * 1024)}

    with pytest.raises(PayloadTooLarge):
        SCIMJSONParser().parse(stream, "application/scim+json", context)

    assert len(stream.read()) == left * 1024 * 1024
