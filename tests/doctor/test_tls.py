"""Certificates, each wrong in one way."""

from __future__ import annotations

from collections.abc import Callable
from ssl import SSLContext

import pytest

from tests.doctor.certificates import Certificates
from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import over_tls


@pytest.mark.parametrize(
    ("make", "id"),
    [
        pytest.param(lambda c: c.self_signed(), "tls-certificate-self-signed", id="self-signed"),
        pytest.param(lambda c: c.untrusted(), "tls-certificate-chain", id="chain"),
        pytest.param(lambda c: c.trusted(days=-1), "tls-certificate-expired", id="expired"),
        pytest.param(lambda c: c.trusted(host="127.0.0.9"), "tls-certificate-host", id="address"),
        pytest.param(lambda c: c.trusted(host="x.example"), "tls-certificate-host", id="name"),
    ],
)
def test_certificate(
    serve: Serve,
    examine: Examine,
    token: str,
    certificate: Certificates,
    make: Callable[[Certificates], SSLContext],
    id: str,
) -> None:
    server = serve(over_tls, context=make(certificate))

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, [id])
    assert server.requests == []


def test_certificate_that_ends_soon(
    serve: Serve, examine: Examine, token: str, certificate: Certificates
) -> None:
    server = serve(over_tls, context=certificate.trusted(days=7))

    found = examine(server.url, token)

    assert (found.code, found.ids) == (0, ["tls-certificate-expires-soon"])


def test_plain_http_on_the_port_of_tls(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve().url.replace("http", "https"), token)

    assert (found.code, found.ids) == (1, ["tls-failed"])


def test_missing_proxy_header_is_seen_in_addresses(
    serve: Serve, examine: Examine, token: str, certificate: Certificates
) -> None:
    server = serve(context=certificate.trusted())

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, ["location-scheme"])
    assert "SECURE_PROXY_SSL_HEADER" in found.report["findings"][0]["change"]


def test_same_path_over_plain_http_is_a_warning(
    serve: Serve,
    examine: Examine,
    token: str,
    certificate: Certificates,
    names: dict[tuple[str, int], int],
) -> None:
    names["scim.example", 443] = serve(
        over_tls, context=certificate.trusted(host="scim.example")
    ).port
    plain = serve()
    names["scim.example", 80] = plain.port

    found = examine("https://scim.example/scim/v2", token)

    assert (found.code, found.ids) == (0, ["also-plain-http"])
    assert plain.tokens_seen() == {None}


def test_closed_port_of_plain_http_is_good(
    serve: Serve,
    examine: Examine,
    token: str,
    certificate: Certificates,
    names: dict[tuple[str, int], int],
) -> None:
    server = serve(over_tls, context=certificate.trusted(host="scim.example"))
    names["scim.example", 443] = server.port
    names["scim.example", 80] = 1  # nobody listens there

    assert examine("https://scim.example/scim/v2", token).report["findings"] == []
