"""Each Python block runs, in a project that has what it names, and does what its page says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.dispatch import Signal
from django.test.utils import isolate_apps

from django_scim_provider import signals
from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import ProviderConnection
from tests.documentation.blocks import FOUND, ON_MONGODB, TUTORIALS
from tests.documentation.python_blocks import (
    uses_of_adapters,
    uses_of_code,
    uses_of_hooks,
    uses_of_settings,
)
from tests.documentation.python_blocks.force import FORCE
from tests.documentation.python_blocks.given import GIVEN, of_every_project
from tests.documentation.python_blocks.project import Project
from tests.documentation.python_blocks.source import defined_by
from tests.documentation.python_blocks.uses import NOTHING, USES
from tests.scim_client import SCIMTestClient

BLOCKS = [
    block
    for block in FOUND
    if block.language == "python" and block.page not in (*TUTORIALS, ON_MONGODB)
]
PAGES = sorted({block.page for block in BLOCKS})
assert all((uses_of_adapters, uses_of_code, uses_of_hooks, uses_of_settings))


def name_of(page: str) -> str:
    """Return how tables call a page."""
    return page.removeprefix("docs/").removesuffix(".rst")


@pytest.fixture
def isolated_models() -> Iterator[None]:
    """Keep models of a page out of the registry."""
    with isolate_apps("tests.inventory"):
        yield


@pytest.fixture
def project(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    scim_connection: ProviderConnection,
    scim_client: SCIMTestClient,
    request: pytest.FixtureRequest,
) -> Project:
    for signal in vars(signals).values():
        if isinstance(signal, Signal):  # receivers of the pages go with the test
            monkeypatch.setattr(signal, "receivers", list(signal.receivers))
            signal.sender_receivers_cache.clear()
    return Project(
        settings=settings,
        monkeypatch=monkeypatch,
        connection=scim_connection,
        client=scim_client,
        fixture=request.getfixturevalue,
        names=of_every_project(),
    )


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_a_page_do_what_it_says(project: Project, page: str) -> None:
    name = name_of(page)
    if name in GIVEN:
        GIVEN[name](project)
    untouched = project.settings.SCIM_PROVIDER, project.settings.ROOT_URLCONF

    for block in BLOCKS:
        if block.page == page:
            for defined in sorted(project.run(block)) or [NOTHING]:
                if (name, defined) in USES:
                    USES[name, defined](project)
                elif defined in FORCE and is_ours(project, defined):
                    FORCE[defined](project, project.names[defined])
            project.settings.SCIM_PROVIDER, project.settings.ROOT_URLCONF = untouched


def is_ours(project: Project, name: str) -> bool:
    """Tell whether it is not the adapter of another package."""
    return name != "Adapter" or issubclass(project.names[name], DefaultAdapter)


def test_what_is_given_and_used_is_of_a_block() -> None:
    defined = {
        (name_of(block.page), name)
        for block in BLOCKS
        for name in defined_by(block.text) or {NOTHING}
    }

    assert USES.keys() <= defined
    assert GIVEN.keys() <= {page for page, _ in defined}
