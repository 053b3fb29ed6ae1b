"""Reads the built pages: nothing is garbled, links lead somewhere, and words find their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from search_words import unfound

GARBLED = {
    "&lt;factory&gt;": "a default is shown as what makes it",
    r'<dt class="field-\w+">Type': "an attribute is shown as a type",
    r"System Message": "docutils left a message",
    r"={12}": "a heading without a line before it is text",
    r"<li></li>": "a hyphen alone is shown as a list",
    "[\\s(>]\N{EN DASH}[a-z]": "an option is shown with a dash",
}
"""What no page may have, as regular expressions, and what that means."""

_CONFIGURATION = re.compile(r'<dl class="std confval">.*?</dl>', re.DOTALL)
"""Settings have a type, and it is meant."""


class UnreadablePagesError(Exception):
    """Pages are garbled, lead nowhere or are not found; Sphinx ends with the message."""


class Anchors(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ids and addresses."""
        found = dict(attrs)
        if identifier := found.get("id"):
            self.targets.add(identifier)
        for name in ("href", "src"):
            if address := found.get(name):
                self.links.append(address)


def proofread(app: Any, problem: Exception | None) -> None:
    """Refuse a build whose pages are garbled, lead nowhere or are not found.

    Raises:
        UnreadablePagesError: naming all that is wrong.
    """
    if problem is None and app.builder.format == "html":
        folder = Path(app.outdir)
        stem = app.builder.indexer.lang.stem
        faults = [*_garbled(folder), *dead_links(folder), *unfound(folder, stem)]
        if faults:
            raise UnreadablePagesError("\n".join(faults))


def _garbled(folder: Path) -> Iterator[str]:
    for page in sorted(folder.rglob("*.html")):
        text = _CONFIGURATION.sub("", page.read_text())
        for pattern, meaning in GARBLED.items():
            if re.search(pattern, text):
                yield f"{page.relative_to(folder)}: {meaning}"


def dead_links(folder: Path) -> Iterator[str]:
    """Yield the links from one page to another, or to a file, that lead nowhere."""
    pages = {page: Anchors(page.read_text()) for page in sorted(folder.rglob("*.html"))}
    for page, found in pages.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.exists():
                yield f"{page.relative_to(folder)}: {link} does not exist"
            elif (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].targets
            ):
                yield f"{page.relative_to(folder)}: {link} has no such place"
