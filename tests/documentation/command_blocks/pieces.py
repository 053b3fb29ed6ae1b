"""Blocks and single commands: what is run by itself, or marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.documentation.blocks import FOUND, PLAIN, TUTORIALS, Block, dialogue

CRONTAB = re.compile(r"^(?:[\d*]+ +){5}cd /srv/project && (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A command of a block, or a block that is none of commands."""

    page: str
    language: str
    text: str
    prints: str = ""
    """What the page shows of what the command prints."""

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
            yield from _of(block)


def _of(block: Block) -> Iterator[Piece]:
    if block.language == "console":
        for command, printed in dialogue(block):
            yield Piece(block.page, block.language, command, printed)
    elif block.language == PLAIN:
        for line in block.text.splitlines():
            yield from (Piece(block.page, PLAIN, part) for part in line.split(" && "))
    elif found := CRONTAB.findall(block.text):
        yield from (Piece(block.page, "console", command) for command in found)
    else:
        yield Piece(block.page, block.language, block.text)


def alike(text: str) -> str:
    """Return a text with one form for all ids and numbers, and for blanks."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{4}\.{3}|(?<=request )\w+…?", "ID", text)
    return " ".join(re.sub(r"\d+(?:\.\d+)?", "1", text).split())


PIECES = list(pieces())
