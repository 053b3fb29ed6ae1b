"""Indexes outlive a test that commits, unless somebody drops them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.storage.sql.indexed import attribute_texts, in_place
from tests.indexes.naming import NAMED, Make

Run = Callable[..., list[str]]


@pytest.fixture
def index_users(transactional_db: None) -> Iterator[Run]:
    """Return the command as a function that returns the lines it printed of the project's tables.

    Those of the app's own are in ``test_text_parts`` and ``test_attributes``.
    """

    def run(*arguments: str) -> list[str]:
        out = StringIO()
        call_command("scim_index_users", *arguments, stdout=out, stderr=StringIO())
        own = re.compile("pg_trgm|_trigrams|scim_index_attributes_|scim_provider_")
        return [line for line in out.getvalue().splitlines() if not own.search(line)]

    yield run
    run("--undo")


@pytest.fixture
def make(transactional_db: None, scim_settings: Any) -> Iterator[Make]:
    """Return the command as a function that returns what it printed of these indexes."""
    in_place.forget()

    def run(*arguments: str, named: list[str] = NAMED) -> list[str]:
        scim_settings(INDEXED_ATTRIBUTES=named)
        out = StringIO()
        call_command("scim_index_users", *arguments, stdout=out, stderr=StringIO())
        return [line for line in out.getvalue().splitlines() if attribute_texts.PREFIX in line]

    yield run
    run("--undo")
