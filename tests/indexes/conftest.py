"""Indexes outlive a test that commits, unless somebody drops them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command

Run = Callable[..., list[str]]


@pytest.fixture
def index_users(transactional_db: None) -> Iterator[Run]:
    """Return the command as a function that returns the lines it printed."""

    def run(*arguments: str) -> list[str]:
        out = StringIO()
        call_command("scim_index_users", *arguments, stdout=out, stderr=StringIO())
        return out.getvalue().splitlines()

    yield run
    run("--undo")
