"""What people type into the search field of the built pages, and where it has to lead them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SOUGHT = {
    "azure": "guides/entra",
    "django-scim2": "django-scim2",
    "mongodb": "faq",
    "multi-tenant": "tutorial-saas",
    "roles": "how-to/map-groups-to-roles",
    "scim": "index",
    "single sign": "how-to/log-in",
    "troubleshoot": "troubleshooting",
    "upgrade": "upgrade",
    "webhook": "how-to/receive-webhooks",
}
"""Pages by what is typed to find them."""
_CALL = "Search.setIndex("


def unfound(folder: Path, stem: Callable[[str], str]) -> Iterator[str]:
    """Yield what the index of the built pages in ``folder`` does not lead to its page by.

    ``stem`` takes the endings from words, as the index has done.
    """
    index = json.loads((folder / "searchindex.js").read_text().removeprefix(_CALL).rstrip(")"))
    for typed, page in SOUGHT.items():
        if page not in pages_with(index, typed, stem):
            yield f"{page}: is not found by a search for “{typed}”"


def pages_with(index: dict[str, Any], typed: str, stem: Callable[[str], str]) -> set[str]:
    """Return the pages that hold each of the words, as the search of the built pages has it."""
    words = [stem(word.lower()) for word in re.findall(r"\w+", typed)]
    found = [_numbers(index["terms"], word) | _numbers(index["titleterms"], word) for word in words]
    return {index["docnames"][number] for number in set.intersection(*found)}


def _numbers(terms: dict[str, int | list[int]], word: str) -> set[int]:
    """Return the numbers of the pages with a word; one page stands there without a list."""
    numbers = terms.get(word, [])
    return {numbers} if isinstance(numbers, int) else set(numbers)
