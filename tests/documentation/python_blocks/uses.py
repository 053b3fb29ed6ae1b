"""What is done with what a block has defined, by page and name: it does what the page says."""

from __future__ import annotations

from collections.abc import Callable

from tests.documentation.python_blocks.project import Project

Use = Callable[[Project], None]
NOTHING = ""
"""The name that stands for a block that defines none."""
USES: dict[tuple[str, str], Use] = {}
"""By the page below ``docs`` and the name that a block defines, that of a method with its class."""


def use(page: str, name: str) -> Callable[[Use], Use]:
    """Let a function use what the blocks of a page define by that name, each time they do."""

    def note(function: Use) -> Use:
        USES[page, name] = function
        return function

    return note
