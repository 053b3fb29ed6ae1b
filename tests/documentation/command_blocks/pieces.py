"""Blocks and single commands: what is run by itself, or marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.documentation.blocks import FOUND, PLAIN, TUTORIALS, Block, commands

CRONTAB = re.compile(r"^(?:[\d*]+ +){5}cd /srv/project && (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A command of a block, or a block that is none of commands."""

    page: str
    language: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """Return what tables call it by: the page, and its first line."""
        return self.page, self.text.partition("\n")[0].removesuffix("\\").rstrip()

    @property
    def is_command(self) -> bool:
        """Tell whether it is one for a shell."""
        return self.language in ("console", PLAIN)


def pieces() -> Iterator[Piece]:
    """Yield all but Python, and but what the tutorials do, in the order of pages and lines."""
    for block in FOUND:
        if block.language != "python" and block.page not in TUTORIALS:
            for text in _texts(block):
                is_crontab = block.language == "text" and text != block.text
                yield Piece(block.page, "console" if is_crontab else block.language, text)


def _texts(block: Block) -> list[str]:
    if block.language == "console":
        return list(commands(block))
    if block.language == PLAIN:
        return [part for line in block.text.splitlines() for part in line.split(" && ")]
    return CRONTAB.findall(block.text) or [block.text]


PIECES = list(pieces())
