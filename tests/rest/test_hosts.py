"""The host in addresses: what Django makes of the header, however often it comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import RequestFactory

from django_scim_provider.rest.content import hosts
from django_scim_provider.rest.content.hosts import host_of


def asked(**meta: Any) -> HttpRequest:
    return RequestFactory().get("/", **meta)


def test_settings_are_looked_at_each_time(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example"]
    assert host_of(asked(HTTP_HOST="A.example:8000")) == "A.example:8000"
    assert host_of(asked(HTTP_HOST="A.example:8000")) == "A.example:8000"

    settings.ALLOWED_HOSTS = ["b.example"]
    with pytest.raises(DisallowedHost):
        host_of(asked(HTTP_HOST="A.example:8000"))
    settings.USE_X_FORWARDED_HOST = True
    assert host_of(asked(HTTP_HOST="a.example", HTTP_X_FORWARDED_HOST="b.example")) == "b.example"


def test_host_is_allowed_anew_where_nothing_is_known(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["only.example"]

    for _ in range(2):
        with pytest.raises(DisallowedHost):
            host_of(asked(HTTP_HOST="other.example"))


def test_requests_without_the_header_and_of_the_projects_own_class(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["server.example"]
    assert host_of(asked(SERVER_NAME="server.example", SERVER_PORT="80")) == "server.example"

    class Request(HttpRequest):
        def get_host(self) -> str:
            return "chosen.example"

    request = Request()
    request.META["HTTP_HOST"] = "server.example"
    assert host_of(request) == "chosen.example"


def test_hosts_that_clients_make_up_do_not_pile_up(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    for number in range(2 * hosts.MOST):
        assert host_of(asked(HTTP_HOST=f"h{number}.example")) == f"h{number}.example"

    assert len(hosts._allowed) <= hosts.MOST
