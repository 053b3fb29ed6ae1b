"""Runs of the self-check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.selfcheck.told_faults import CheckedPart
from django_scim_provider.selfcheck.whole_check import check_project, kinds_of_connections

Checked = Callable[..., dict[str, CheckedPart]]


@pytest.fixture
def checked(scim_settings: Callable[..., None], settings: Any) -> Checked:
    """Return a function that checks the project under settings, and returns the parts by name."""
    settings.ROOT_URLCONF = "tests.selfcheck.urls"

    def made(*names: str, sample: dict[str, Any] | None = None, **changed: Any) -> Any:
        scim_settings(**changed)
        parts = check_project(
            kinds_of_connections(),
            sample=sample or {},
            seconds=300,
            tell=lambda part: None,
            names=names,
        )
        return {part.name: part for part in parts}

    return made
