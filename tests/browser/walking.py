"""What walks do: send what an identity provider sends, and press what people press."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.speaking import exactly

CONNECTIONS = "/admin/scim_provider/providerconnection/"


def connect(site: Site, provider_id: str, *options: str) -> str:
    """Make a connection, and return its token."""
    return site.manage("scim_generate_token", provider_id, *options).strip().split()[-1]


def send(site: Site, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request as an identity provider does, and return status and body."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    data = None if body is None else json.dumps(body).encode()
    url = f"{site.origin}/scim/v2{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status), json.loads(answer.read() or b"null")
    except HTTPError as error:
        return error.code, json.loads(error.read())


def status(site: Site, token: str) -> int:
    """Return what the identity provider is answered."""
    return send(site, token, "GET", "/Users?count=1")[0]


def follow(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait for that."""
    with page.expect_navigation():
        page.click(selector)


def holding(text: str) -> str:
    """Return a selector of the smallest elements that show a text, and maybe more."""
    return f":text({json.dumps(text, ensure_ascii=False)})"


def open_connection(page: Page, provider_id: str, entry: str = "") -> None:
    """Open a connection of the list, and the entry of its navigation."""
    page.goto(f"{CONNECTIONS}?q={provider_id}")
    follow(page, f"#result_list >> {exactly(provider_id)}")
    if entry:
        follow(page, f".scim-console nav >> {holding(entry)}")


def tool(page: Page, text: str) -> None:
    """Press a button of a connection or a list."""
    follow(page, f"ul.object-tools >> {exactly(text)}")


def choose(page: Page, field: str, text: str, typed: str = "") -> None:
    """Choose what a field finds that completes what is typed."""
    page.click(f".field-{field} .select2-selection")
    page.fill(".select2-search__field", typed or text)
    page.click(f".select2-results__option >> {exactly(text)}")
