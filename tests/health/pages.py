"""What tests of the health page do over and over."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.utils import timezone

from django_scim_provider.models import ProviderConnection
from tests.administration import logged_in, url
from tests.administration import staff as make_staff
from tests.health.conftest import Note

VIEW = "view_providerconnection"


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and text by element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def staff(name: str, *permissions: str, **fields: Any) -> Client:
    """Return a client of a new member of staff."""
    return logged_in(make_staff(name, *permissions, **fields))


def address(connection: ProviderConnection) -> str:
    return url(ProviderConnection, "health", connection.pk)


def page(client: Client, connection: ProviderConnection) -> str:
    """Return the part of the page that is ours."""
    response = client.get(address(connection))
    assert response.status_code == 200
    content: str = response.content.decode()
    return content[content.index('<div class="scim-health">') :]


def now_noted(note: Note, connection: ProviderConnection, **fields: Any) -> None:
    note(connection, at=timezone.now() - timedelta(minutes=1), **fields)
