"""A project in which a page's blocks are run in order, as its files would be imported."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.store_context import context_of
from tests.documentation.blocks import Block
from tests.documentation.python_blocks.source import compiled, defined_by
from tests.scim_client import SCIMTestClient

OF_A_PROJECT = re.compile(r"\b(?:accounts|inventory|shop)(?:\.[a-z_]\w*)*(?=[.\s\"])")
"""The packages of readers' projects that the pages name."""
URLS = "accounts.urls"


@dataclass
class Project:
    """What a reader who follows a page has after each block."""

    settings: Any
    """The fixture: what is set goes back with the test."""
    monkeypatch: pytest.MonkeyPatch
    connection: ProviderConnection
    client: SCIMTestClient
    """Of that connection."""
    fixture: Callable[[str], Any]
    """Returns another fixture by its name."""
    names: dict[str, Any] = field(default_factory=dict)
    """Of all modules of the project: on a page, no two define the same name."""
    value: Any = None
    """Of the expression that the last block ends with."""
    instead: dict[str, str] = field(default_factory=dict)
    """What a page names, of models for instance, and what the suite has in its place."""

    def run(self, block: Block) -> set[str]:
        """Run a block, put its settings into force, and return the names that it defines."""
        text = re.sub(r"[\w.]+", lambda found: self.instead.get(found[0], found[0]), block.text)
        self.have(*OF_A_PROJECT.findall(text), "accounts.scim", "shop.scim", URLS)
        code, value = compiled(text, block.place)
        exec(code, self.names)
        self.value = None if value is None else eval(value, self.names)
        if isinstance(self.value, QuerySet):
            self.value = list(self.value)
        return defined_by(text)

    def have(self, *modules: str) -> None:
        """Let these modules be imported, with all that the blocks have defined."""
        for name in modules:
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                dotted = ".".join(parts[:length])
                if not isinstance(sys.modules.get(dotted), _Module):
                    self.monkeypatch.setitem(sys.modules, dotted, _Module(dotted, self.names))

    def add(self, module: str, **names: Any) -> None:
        """Let a module of a package be imported that the suite does not have."""
        parts = module.split(".")
        for length in range(1, len(parts) + 1):
            self.monkeypatch.setitem(
                sys.modules, ".".join(parts[:length]), ModuleType(".".join(parts[:length]))
            )
        vars(sys.modules[module]).update(names)

    def have_templates(self, texts: dict[str, str]) -> None:
        """Let the project have these templates beside those of its apps."""
        own = ("django.template.loaders.locmem.Loader", texts)
        before = {**self.settings.TEMPLATES[0], "APP_DIRS": False}
        loaders = [own, "django.template.loaders.app_directories.Loader"]
        options = {**before["OPTIONS"], "loaders": loaders}
        self.settings.TEMPLATES = [{**before, "OPTIONS": options}]

    def configure(self, **keys: Any) -> None:
        """Set keys of ``SCIM_PROVIDER`` over those that are set."""
        self.settings.SCIM_PROVIDER = {**self.settings.SCIM_PROVIDER, **keys}

    def adapter(self) -> DefaultAdapter:
        """Return the adapter of the page, for the connection."""
        found: DefaultAdapter = self.names["Adapter"](context_of(self.connection).for_project())
        return found

    def user(self, name: str) -> Any:
        """Return the user of that name, as the database has it now."""
        return get_user_model()._default_manager.get(username=name)


class _Module(ModuleType):
    """A module in which every name of the project is found."""

    def __init__(self, name: str, names: dict[str, Any]) -> None:
        super().__init__(name)
        self.__dict__["_names"] = names
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_names"][name]
        except KeyError:
            raise AttributeError(f"{self.__name__} has no {name}") from None
