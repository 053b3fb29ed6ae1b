"""Whatever stands in a block is run, held to what there is, or marked why not."""

from __future__ import annotations

import re

import pytest

from tests.documentation.blocks import FOUND, ROOT, TUTORIALS, blocks_in, pages
from tests.documentation.command_blocks.pieces import PIECES, Piece
from tests.documentation.command_blocks.reasons import NOT_RUN, SHOWN
from tests.documentation.command_blocks.terminal import program_of

CODE = re.compile(
    r"^ *\.\. (?:code|code-block|doctest|literalinclude|parsed-literal|prompt|sourcecode"
    r"|testcode)::",
    re.MULTILINE,
)


def fates_of(piece: Piece) -> list[str]:
    """Return what becomes of a piece: there is to be one thing, no more and no less."""
    fates = []
    if piece.key in NOT_RUN:
        fates.append("marked")
    elif piece.is_command and program_of(piece.text):
        fates.append("run")
    if piece.key in SHOWN:
        fates.append("held to what there is")
    if piece.language == "text" and piece.text.startswith("id,"):
        fates.append("read by a command of the page")
    return fates


@pytest.mark.parametrize("piece", [pytest.param(one, id=":".join(one.key)) for one in PIECES])
def test_each_piece_has_one_fate(piece: Piece) -> None:
    assert len(fates_of(piece)) == 1, f"{piece.key}: {fates_of(piece) or 'neither run nor marked'}"


def test_what_is_marked_is_there_and_why() -> None:
    keys = [piece.key for piece in PIECES]

    assert [key for key in (*NOT_RUN, *SHOWN) if key not in keys] == []
    assert all(NOT_RUN.values())


def test_what_is_not_listed_has_no_fate() -> None:
    for language, text in (("console", "rm -r /"), ("toml", "[project]"), ("text", "a line")):
        assert fates_of(Piece("docs/page.rst", language, text)) == []


def test_no_block_is_overlooked() -> None:
    for page in pages():
        text = page.read_text()
        found = list(blocks_in(text.splitlines(), page.name))
        assert ">>> " not in text
        assert len(CODE.findall(text)) == sum(block.language != "::" for block in found), page
    assert {block.language for block in FOUND} == {"python", *(one.language for one in PIECES)}


@pytest.mark.parametrize("page", TUTORIALS)
def test_tutorials_run_all_that_they_show(page: str) -> None:
    assert (ROOT / page).exists()
    for block in FOUND:
        if block.page == page:
            assert block.caption or block.language == "console", block.place
