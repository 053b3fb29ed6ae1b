"""Blocks that the guides of identity providers take from the code."""

from __future__ import annotations

import importlib

from tests.documentation.blocks import Block, blocks_in


def made_for(vendor: str) -> list[Block]:
    """Return the blocks that the guide of a vendor takes from the code."""
    tables = importlib.import_module("vendor_tables")
    made = (tables.connection, tables.fields, tables.rehearsal)
    return [block for table in made for block in blocks_in(table(vendor), vendor)]
