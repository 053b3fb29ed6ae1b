"""Code blocks that the guides of identity providers take from the code are read as others are."""

from __future__ import annotations

import json

import pytest

from django_scim_provider.connections.instructions import INSTRUCTIONS
from tests.documentation import test_code_blocks as reading
from tests.documentation.blocks import DOCS
from tests.documentation.vendor_blocks import made_for


@pytest.mark.parametrize("vendor", INSTRUCTIONS)
def test_blocks_made_for_a_vendor_are_understood(
    monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    monkeypatch.syspath_prepend(DOCS)

    made = made_for(vendor)

    assert {block.language for block in made} <= {"console", "json"}
    assert any("scim_generate_token" in block.text for block in made)
    for block in made:
        if block.language == "json":
            json.loads(block.text)
        else:
            reading.test_commands_are_those_that_there_are(block)
            reading.test_arguments_of_commands_are_understood(block)
