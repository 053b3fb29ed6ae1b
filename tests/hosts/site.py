"""What a running project answers to an identity provider, and to people with a browser."""

from __future__ import annotations

import json
import re
import shlex
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import quote, urlencode

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Site:
    """Speaks to one server; ``token`` is the identity provider's."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.address = url.removeprefix("http://")
        self.token = token

    def scim(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        request = urllib.request.Request(
            f"{self.url}/scim/v2{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
            },
        )
        return _answer(request)

    def curl(self, command: str) -> tuple[int, Any]:
        """Do what a line with ``curl`` does, with this server in place of ``your-host``."""
        words = shlex.split(command.replace("$TOKEN", self.token))
        options = list(zip(words[1:-1:2], words[2:-1:2], strict=True))
        headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
        (data,) = [value for name, value in options if name == "-d"]
        url = words[-1].replace("https://your-host", self.url)
        return _answer(urllib.request.Request(url, data=data.encode(), headers=headers))

    def find(self, user_name: str) -> list[dict[str, Any]]:
        """Return the users of that name."""
        expression = f'userName eq "{user_name}"'
        status, found = self.scim("GET", f"/Users?filter={quote(expression)}")
        assert status == 200, found
        resources: list[dict[str, Any]] = found["Resources"]
        return resources

    def patch(self, path: str, *operations: dict[str, Any]) -> tuple[int, Any]:
        """PATCH with these operations."""
        return self.scim("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


class Browser:
    """Keeps cookies."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page, which redirections may have led to."""
        return self._open(path, None)

    def sign_in(self, name: str, password: str) -> int:
        """Log in at the project's own page; return the status."""
        return self._open("/sign-in", {"name": name, "password": password})[0]

    def sign_in_to_admin(self, name: str, password: str) -> str:
        """Log in at the admin and return its first page."""
        _, form = self.get("/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None, form
        answers = {"username": name, "password": password, "next": "/admin/"}
        status, page = self._open(
            "/admin/login/", {**answers, "csrfmiddlewaretoken": token.group(1)}
        )
        assert status == 200, page
        return page

    def _open(self, path: str, answers: dict[str, str] | None) -> tuple[int, str]:
        data = None if answers is None else urlencode(answers).encode()
        try:
            with self._opener.open(f"{self.site.url}{path}", data, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def _answer(request: urllib.request.Request) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read()
    return status, json.loads(text) if text else None
