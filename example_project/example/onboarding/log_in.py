"""A person's way: provisioned, logged in by the customer's identity provider, deactivated, out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from example.onboarding.access import Access

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class LogInFault(Exception):
    """A step did not end as it should; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInWalk:
    """Goes the way with a browser of its own, against the running server."""

    access: Access
    own: str
    """The log-in provider of the customer whose connection the token of ``access`` is for."""
    foreign: str
    """That of another customer."""

    def told(self) -> Iterator[str]:
        """Yield a line for each step that ended as it should.

        Raises:
            LogInFault: one did not.
        """
        name = f"log-in-{secrets.token_hex(4)}@acme.example"
        root = f"http://127.0.0.1:{self.access.port}"
        headers = {"Authorization": f"Bearer {self.access.token}"}
        with (
            httpx2.Client(base_url=self.access.scim_url, headers=headers, timeout=30) as scim,
            httpx2.Client(base_url=root, follow_redirects=True, timeout=30) as browser,
        ):
            address = self._provision(scim, name)
            try:
                yield f"Provisioned {name}."
                self._expect(self._log_in(browser, self.own, name), 200, name)
                yield "They log in by Acme's identity provider, without a password here."
                self._expect(self._log_in(browser, self.own, "somebody-else"), 403, "not set up")
                yield "Somebody whom nobody provisioned does not."
                self._expect(self._log_in(browser, self.foreign, name), 403, "not set up")
                yield "Nor does the same person by Globex's."
                self._expect(self._log_in(browser, self.own, name), 200, name)
                self._deactivate(scim, address)
                self._expect(browser.get("/me/"), 403, "deactivated")
                yield "Deactivated by SCIM, they are out with the next click."
                self._expect(self._log_in(browser, self.own, name), 403, "deactivated")
                yield "And do not come back."
            finally:
                scim.delete(address)

    def _provision(self, scim: httpx2.Client, name: str) -> str:
        """Create the person and return their address below the SCIM root."""
        body = {"schemas": [CORE], "userName": name, "externalId": name}
        answer = scim.post("Users", json=body)
        self._expect(answer, 201, name)
        return f"Users/{answer.json()['id']}"

    def _deactivate(self, scim: httpx2.Client, address: str) -> None:
        operation = {"op": "replace", "path": "active", "value": False}
        body = {"schemas": [PATCH], "Operations": [operation]}
        answer = scim.patch(address, json=body)
        self._expect(answer, 200, '"active":false')

    def _log_in(self, browser: httpx2.Client, key: str, person: str) -> Any:
        """Log in as somebody, who is logged out before; return where it ended."""
        browser.cookies.clear()
        page = browser.get("/log-in/")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        form = {"csrfmiddlewaretoken": found.group(1) if found else "", "next": "/me/"}
        choice = browser.post(f"/accounts/oidc/{key}/login/", data=form)
        self._expect(choice, 200, "Whom do you want to be?")
        return browser.get(str(choice.url.copy_add_param("person", person)))

    def _expect(self, answer: Any, status: int, text: str) -> None:
        if answer.status_code != status or text not in answer.text:
            where = f"{answer.request.method} {answer.request.url.path}"
            raise LogInFault(f"{where} was {answer.status_code}, not {status} with {text!r}.")
