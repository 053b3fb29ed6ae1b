"""What the demo shows: a table of the steps, and how to go on by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from example.onboarding.exchange import Step

SHOWN_FAILURES = 10


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

    def lines(self) -> list[str]:
        """Return text to copy from."""
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
            f"Admin log-in   {self.user_name} / {self.password}",
            *(f"{f'Owner, {name}':<15}{user} / {self.password}" for name, user in self.owners),
            *schema,
            "",
            f"curl {header} '{self.scim_url}/Users?count=2'",
            f"curl {header} '{self.scim_url}/Users?filter=title+eq+%22Promoted%22&count=2'",
            f"curl {header} -H 'Content-Type: application/scim+json' \\",
            f"  -d '{user}' \\",
            f"  {self.scim_url}/Users",
            f"curl -u '{owner}:{self.password}' {root}/scim/list-provider-connections",
            "",
        ]


def print_steps(console: Console, steps: Iterable[Step]) -> None:
    """Print one row a step, and the first failures in full."""
    table = Table(title="Onboarding by Okta", title_justify="left")
    table.add_column("Step", no_wrap=True)
    for heading in ("Requests", "Median ms", "95 % ms", "Longest ms", "Failures"):
        table.add_column(heading, justify="right")
    failures: list[str] = []
    for step in steps:
        failures += step.failures
        table.add_row(
            step.name,
            str(len(step.milliseconds)),
            *(f"{step.at(share):.1f}" for share in (0.5, 0.95, 1.0)),
            f"[red]{len(step.failures)}[/red]" if step.failures else "0",
        )
    console.print(table)
    for failure in failures[:SHOWN_FAILURES]:
        console.print(f"  {failure}", markup=False, style="red", soft_wrap=True)
    if len(failures) > SHOWN_FAILURES:
        console.print(f"  and {len(failures) - SHOWN_FAILURES} more failures")
