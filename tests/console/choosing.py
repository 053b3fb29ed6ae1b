"""Choosing connections in their list, as the list's form does."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse

from django_scim_provider.models import ProviderConnection
from tests.administration import url

LIST = url(ProviderConnection, "changelist")


def choose(
    client: Client, action: str, chosen: Iterable[ProviderConnection] = (), *, query: str = ""
) -> Any:
    """Return the answer to an action; without ``chosen``, of all that the list finds."""
    keys = [str(each.pk) for each in chosen]
    across = {} if keys else {"select_across": "1", ACTION_CHECKBOX_NAME: ["x"]}
    answers = {"action": f"bulk_{action}", "index": "0", ACTION_CHECKBOX_NAME: keys, **across}
    return client.post(LIST + query, answers)


def address(action: str) -> str:
    return reverse(f"admin:scim_provider_providerconnection_bulk_{action}")


def fields(page: Any) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def text_of(page: Any) -> str:
    """Return what a page says, without its tags."""
    content = page.content.decode()
    content = content[content.index('<div class="scim-page">') :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content)))


def confirm(client: Client, action: str, page: Any, **answers: Any) -> Any:
    """Send the form of a page that asks."""
    return client.post(address(action), {**fields(page), **answers})


def go_on(client: Client, action: str, page: Any) -> Any:
    """Send the form of progress again until there is a result."""
    answer = confirm(client, action, page)
    while b"data-scim-continues" in answer.content:
        answer = confirm(client, action, answer)
    return answer
