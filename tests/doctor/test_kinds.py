"""All that can be found, and the page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from django_scim_provider.tools.doctor.checkup import CHECKS, KINDS, SUBJECTS
from django_scim_provider.tools.doctor.kinds import Kind

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = (DOCS / "how-to" / "check-a-deployment.rst").read_text()
ROW = re.compile(r"^   \* - ``([a-z-]+)``\n     - (error|warning|note)$", re.MULTILINE)


def test_page_lists_every_kind_with_its_level() -> None:
    rows = dict(ROW.findall(PAGE))

    assert rows == {id: kind.level.value for id, kind in KINDS.items()}


def test_page_names_every_check() -> None:
    assert all(f"``{check.name}``" in PAGE for check in CHECKS)


def test_ids_are_different() -> None:
    found = [vars(module).values() for module in SUBJECTS]
    kinds = {id(kind) for values in found for kind in values if isinstance(kind, Kind)}

    assert len(kinds) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_texts_are_sentences_with_named_placeholders(kind: Kind) -> None:
    with override("en"):
        texts = [str(kind.seen), str(kind.change)]

    for text in texts:
        assert text.endswith(".")
        assert not re.search(r"%(?!\([a-z_]+\)s)", text)
