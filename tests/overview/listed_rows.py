"""What tests of the list of connections do over and over."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from django_scim_provider.models import ProviderConnection
from tests.administration import url
from tests.people import connect, post
from tests.scim_client import GROUP

LIST = url(ProviderConnection, "changelist")
VIEW = "view_providerconnection"


def listed(client: Client, **query: Any) -> str:
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def rows(page: str) -> list[str]:
    """Return the rows of the table."""
    if 'id="result_list"' not in page:
        return []
    body = page[page.index('id="result_list"') :]
    return re.findall(r"<tr>.*?</tr>", body[body.index("<tbody>") :], re.DOTALL)


def cells(row: str) -> dict[str, str]:
    """Return the texts of the cells of a row by the names of their columns."""
    found = re.findall(r'<t[dh] class="field-(\w+)[^"]*">(.*?)</t[dh]>', row, re.DOTALL)
    no_labels = [(name, re.sub(r'<span class="scim-label">.*?</span>', "", c)) for name, c in found]
    plain = [(name, re.sub(r"<[^>]+>", " ", cell)) for name, cell in no_labels]
    return {name: " ".join(text.split()) for name, text in plain}


def make_busy(provider_id: str = "acme", **fields: Any) -> ProviderConnection:
    """Make a connection with two people, a group, and one person who fails."""
    client = connect(provider_id, **fields)
    for person in ("ann", "bob"):
        assert post(client, f"{person}-{provider_id}@x.example").status == 201
    client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})
    assert post(client, "").status == 400
    return ProviderConnection.objects.get(provider_id=provider_id)
