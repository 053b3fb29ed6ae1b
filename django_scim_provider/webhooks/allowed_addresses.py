"""Where webhooks may lead: public addresses, and what the project allows beside them.

Whoever may set an address must not reach what stands behind the project's firewall through the
project: its databases, the machine itself, the credentials that clouds give out at fixed addresses.
So the name is resolved here, each address is held against the lists below, and the connection is
made to one that was checked. Python's ``is_global`` is not asked: it changes with the version, and
calls global what leads to another address in disguise.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.models.outgoing.webhook_endpoints import MAX_ADDRESS_LENGTH

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

_REFUSED_4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # of carriers; Alibaba's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's machines of the host, public by its looks
            "169.254.0.0/16",  # link-local; metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocols; Oracle's metadata
            "192.0.2.0/24",
            "192.88.99.0/24",  # 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
"""All other addresses are refused: loopback, link-local, unique local, multicast, IPv4 that is
mapped (``::ffff:0:0/96``) or behind NAT64 (``64:ff9b::/96``)."""
_REFUSED_6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocols, Teredo
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",
        ),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowed(Exception):
    """A webhook leads to where it may not."""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """The address of a webhook, taken apart."""

    host: str
    """ASCII, in small letters."""
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """Return what the header ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def target_of(address: str) -> WebhookTarget:
    """Return the address of a webhook taken apart.

    Raises:
        ValidationError: it is none; it is not resolved yet.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        if ":" not in host:
            host = host.encode("idna").decode()
    except ValueError as error:
        raise ValidationError(_("This is no address."), code="invalid") from error
    if parts.scheme != "https":
        raise ValidationError(_("The address must begin with https://."), code="scheme")
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("The address must not hold a password."), code="userinfo")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sound = all("!" <= letter <= "~" for letter in path)
    if not host or parts.fragment or port == 0 or not sound or len(address) > MAX_ADDRESS_LENGTH:
        raise ValidationError(_("This is no address."), code="invalid")
    return WebhookTarget(host.lower(), port or 443, path)


def resolved(target: WebhookTarget) -> list[str]:
    """Return the addresses that a webhook leads to, all of them checked.

    Raises:
        NotAllowed: one of them is not allowed: who answers with both could be asked for either.
        OSError: the name has none.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if target.host not in {host.lower() for host in get_settings().WEBHOOK_ALLOWED_HOSTS}:
        for address in addresses:
            if not is_allowed(address):
                raise NotAllowed
    return addresses


def is_allowed(text: str) -> bool:
    """Tell whether a webhook may lead to an IP address."""
    if "%" in text:  # a scope: link-local
        return False
    address = ipaddress.ip_address(text)
    if _is_in_allowed_network(address):
        if isinstance(address, ipaddress.IPv6Address):
            within = _embedded(address)
            return within is None or is_allowed(str(within))
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    return address in _GLOBAL_6 and not any(address in network for network in _REFUSED_6)


def _is_in_allowed_network(address: Address) -> bool:
    networks = map(ipaddress.ip_network, get_settings().WEBHOOK_ALLOWED_NETWORKS)
    return any(address.version == each.version and address in each for each in networks)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 leads to."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
