"""Where webhooks may lead, and that a connection is made to what was checked."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from django_scim_provider.webhooks import pinned_https
from django_scim_provider.webhooks.allowed_addresses import (
    NotAllowed,
    is_allowed,
    resolved,
    target_of,
)
from django_scim_provider.webhooks.endpoint_service import refuse_address
from django_scim_provider.webhooks.pinned_https import PinnedHTTPS
from tests.doctor.certificates import Certificates
from tests.webhooks.receiver import Receiver

REFUSED = [
    "0.0.0.0",
    "10.0.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.10",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111"])
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address)


def test_networks_are_allowed_by_the_setting(scim_settings: Any) -> None:
    scim_settings(WEBHOOK_ALLOWED_NETWORKS=["10.1.0.0/16", "64:ff9b::/96"])

    assert is_allowed("10.1.2.3")
    assert not is_allowed("10.2.0.1")
    assert is_allowed("64:ff9b::808:808")
    assert not is_allowed("64:ff9b::7f00:1")


@pytest.mark.parametrize(
    "address",
    [
        "http://x.example/",
        "ftp://x.example/",
        "https://",
        "https:///path",
        "https://user:secret@x.example/",
        "https://x.example/#part",
        "https://x.example:0/",
        "https://x.example:99999/",
        "https://x.example/\r\nHost: y",
        "https://x.example/" + "a" * 1000,
        "//x.example",
        "x",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        target_of(address)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Have each name resolve to these addresses, one after another; return who was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(0, 0, 0, "", (address, port)) for address in found.split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_address_that_is_not_allowed_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "8.8.8.8 127.0.0.1")

    with pytest.raises(NotAllowed):
        resolved(target_of("https://x.example/"))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost", "[::1]"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(ValidationError) as refused:
        refuse_address(f"https://{host}/")

    assert refused.value.code in ("network", "host")


def test_a_name_is_resolved_once_for_a_call(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, scim_settings: Any
) -> None:
    """Who answers with a public address first and with this machine next gets nothing."""
    asked = answering(monkeypatch, "8.8.8.8", "127.0.0.1")
    connected: list[Any] = []

    def create_connection(address: Any, timeout: float) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    receipt = PinnedHTTPS(target_of("https://rebound.example/")).post(b"{}", {})

    assert receipt.problem == "no connection"
    assert connected == [("8.8.8.8", 443)]
    assert asked == ["rebound.example"]
    second = PinnedHTTPS(target_of("https://rebound.example/")).post(b"{}", {})
    assert second.problem == "address not allowed"
    assert len(connected) == 1


HEADERS = {"webhook-id": "msg_1"}


def call(receiver: Receiver, **headers: str) -> Any:
    with closing(PinnedHTTPS(target_of(receiver.address))) as line:
        return line.post(b"{}", HEADERS | headers)


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status = lambda _: 302
    receiver.headers = {"Location": "https://localhost/elsewhere"}

    receipt = call(receiver)

    assert receipt.status == 302
    assert not receipt.is_accepted
    assert len(receiver.requests) == 1


def test_the_environment_has_no_proxy_for_us(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    assert call(receiver).is_accepted


def test_a_certificate_of_nobody_is_refused(
    receiver: Receiver, scim_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    pinned_https._context.cache_clear()
    scim_settings(WEBHOOK_ALLOWED_HOSTS=["localhost"], WEBHOOK_CA_FILE=None)

    assert call(receiver).problem == "certificate not valid"
    assert receiver.requests == []


def test_a_certificate_for_another_name_is_refused(
    receiver: Receiver, scim_settings: Any, certificates: Certificates
) -> None:
    scim_settings(
        WEBHOOK_ALLOWED_HOSTS=["127.0.0.1"],
        WEBHOOK_CA_FILE=str(certificates.folder / "root.pem"),
    )
    target = target_of(receiver.address.replace("localhost", "127.0.0.1"))

    assert PinnedHTTPS(target).post(b"{}", HEADERS).problem == "certificate not valid"


def test_a_receiver_that_drips_is_late(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned_https, "TIME_LIMIT", 0.6)

    def drip(_: Any) -> int:
        time.sleep(1)
        return 204

    receiver.status = drip

    assert call(receiver).problem == "no answer in time"


def test_a_connection_is_used_again(receiver: Receiver, certificates: Certificates) -> None:
    line = PinnedHTTPS(target_of(receiver.address))

    assert line.post(b"{}", HEADERS).is_accepted
    first = line.sock
    assert line.post(b"{}", HEADERS).is_accepted
    assert line.sock is first
    line.close()
