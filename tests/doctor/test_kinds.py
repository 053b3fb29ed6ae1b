"""All that can be found, and the page that explains it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from django.utils.translation import override

from django_scim_provider.tools import doctor
from django_scim_provider.tools.doctor.checkup import CHECKS
from django_scim_provider.tools.doctor.kinds import Kind

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = (DOCS / "how-to" / "check-a-deployment.rst").read_text()
ROW = re.compile(r"^   \* - ``([a-z-]+)``\n     - (error|warning|note)$", re.MULTILINE)
MODULES = [
    import_module(found.name) for found in walk_packages(doctor.__path__, f"{doctor.__name__}.")
]
DECLARED = {
    id(kind): kind for one in MODULES for kind in vars(one).values() if isinstance(kind, Kind)
}
KINDS = {kind.id: kind for kind in DECLARED.values()}


def test_page_lists_every_kind_with_its_level() -> None:
    rows = dict(ROW.findall(PAGE))

    assert rows == {id: kind.level.value for id, kind in KINDS.items()}


def test_page_names_every_check() -> None:
    assert all(f"``{check.name}``" in PAGE for check in CHECKS)


def test_ids_are_different() -> None:
    assert len(DECLARED) == len(KINDS) > 50


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_texts_are_sentences_with_named_placeholders(kind: Kind) -> None:
    with override("en"):
        texts = [str(kind.seen), str(kind.change)]

    for text in texts:
        assert text.endswith(".")
        assert not re.search(r"%(?!\([a-z_]+\)s)", text)
