"""What the demo shows in the end: how to go on by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The ways into the running project."""

    port: int
    token: str
    user_name: str
    password: str
    """Of the admin, and of the owners."""
    owners: tuple[tuple[str, str], ...]
    """The names of the tenants, and of their owners' users; one at least."""
    schema: bool
    """Is the OpenAPI document served?"""

    @property
    def scim_url(self) -> str:
        """Return the address that an identity provider is given."""
        return f"http://127.0.0.1:{self.port}/scim/v2"

    def log_ins(self) -> list[str]:
        """Return who can log in: they stay in the database."""
        return [
            f"Admin log-in   {self.user_name} / {self.password}",
            *(f"{f'Owner, {name}':<15}{user} / {self.password}" for name, user in self.owners),
        ]

    def lines(self) -> list[str]:
        """Return text to copy from, for as long as the server runs."""
        header = f'-H "Authorization: Bearer {self.token}"'
        user = (
            '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], '
            '"userName": "ann@example.com", "name": {"givenName": "Ann", "familyName": "Lee"}}'
        )
        root = f"http://127.0.0.1:{self.port}"
        schema = [f"OpenAPI        {root}/api/schema/"] if self.schema else []
        owner = self.owners[0][1]
        return [
            "",
            f"SCIM base URL  {self.scim_url}",
            f"Bearer token   {self.token}",
            f"Admin          {root}/admin/",
            f"For owners     {root}/directory/",
            f"For people     {root}/log-in/",
            *self.log_ins(),
            *schema,
            "",
            f"curl {header} '{self.scim_url}/Users?count=2'",
            f"curl {header} '{self.scim_url}/Users?filter=title+sw+%22Senior%22&count=2'",
            f"curl {header} -H 'Content-Type: application/scim+json' \\",
            f"  -d '{user}' \\",
            f"  {self.scim_url}/Users",
            f"curl -u '{owner}:{self.password}' {root}/scim/list-provider-connections",
            "",
        ]
