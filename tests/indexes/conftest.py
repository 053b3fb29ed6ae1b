"""Indexes outlive a test that commits, unless somebody drops them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command

Run = Callable[..., list[str]]


@pytest.fixture
def index_users(transactional_db: None) -> Iterator[Run]:
    """Return the command as a function that returns the lines it printed of the project's tables.

    Those of the app's own are in ``test_text_parts``.
    """

    def run(*arguments: str) -> list[str]:
        out = StringIO()
        call_command("scim_index_users", *arguments, stdout=out, stderr=StringIO())
        own = re.compile("pg_trgm|scim_email_trigrams|scim_provider_accountemail")
        return [line for line in out.getvalue().splitlines() if not own.search(line)]

    yield run
    run("--undo")
