"""Looking at a page: a screenshot to keep, and what axe-core finds hard to use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

RUN = """async () => {
  const found = await axe.run(
    { include: ["#content"], exclude: ["#changelist-search"] },
    { resultTypes: ["violations"] },
  );
  return found.violations.map(
    (one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.target).join(" ")}`
  );
}"""
"""The frame of the admin and the search above lists are Django's."""


@dataclass(slots=True)
class Looker:
    """Keeps screenshots in a folder, numbered in the order of the looks."""

    folder: Path
    axe: str
    seen: list[str] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Keep a screenshot, and refuse what axe-core finds.

        Raises:
            AssertionError: naming the rules and elements.
        """
        self.seen.append(name)
        path = self.folder / f"{len(self.seen):02d}-{name}.png"
        page.screenshot(path=path, full_page=True)
        page.evaluate(self.axe)
        violations = page.evaluate(RUN)
        assert not violations, f"{name}: " + "; ".join(violations)
