"""Looking at a page: a screenshot to keep, and what axe-core finds hard to use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

RUN = """async () => {
  const found = await axe.run(
    {
      include: [document.querySelector("#content") ? "#content" : "main"],
      exclude: ["#changelist-search"],
    },
    { resultTypes: ["violations"] },
  );
  return found.violations.map(
    (one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.target).join(" ")}`
  );
}"""
"""The frame of the admin and the search above lists are Django's; the portal has ``main``."""
SETTLED = "() => Promise.all(document.getAnimations().map((one) => one.finished))"
"""Links change their colour slowly when the theme does."""
SIZES = ((1280, 900), (390, 844))


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
        page.evaluate(SETTLED)
        path = self.folder / f"{len(self.seen):02d}-{name}.png"
        page.screenshot(path=path, full_page=True)
        page.evaluate(self.axe)
        violations = page.evaluate(RUN)
        assert not violations, f"{name}: " + "; ".join(violations)

    def look_everywhere(self, page: Page, name: str) -> None:
        """Look in both themes and sizes; only what scrolls by itself is wider than the page.

        Raises:
            AssertionError: as ``look``, or the page is wider.
        """
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                self.look(page, f"{name}-{width}-{scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} pixels wide"
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
