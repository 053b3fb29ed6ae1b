"""The build of the documentation ends where a page is garbled or a link leads nowhere."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.documentation.blocks import DOCS

GOOD = '<h1 id="top">A</h1><a href="#top"></a><a href="b/c.html#x"></a><a href="https://x.example">'


@pytest.fixture
def proofread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that proofreads a page beside one that is good."""
    monkeypatch.syspath_prepend(DOCS)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.html").write_text('<p id="x"><a href="../a.html#top">')
    (tmp_path / "a.html").write_text(GOOD)
    app = SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format="html"))

    def read(page: str) -> None:
        (tmp_path / "page.html").write_text(page)
        importlib.import_module("proofreading").proofread(app, None)

    return read


def test_good_pages_pass(proofread: Any) -> None:
    proofread(GOOD)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<dt class="field-odd">Type</dt>', "shown as a type"),
        ("&lt;factory&gt;", "shown as what makes it"),
        ('<a href="nowhere.html">', "nowhere.html does not exist"),
        ('<img src="none.png">', "none.png does not exist"),
        ('<a href="a.html#bottom">', "a.html#bottom has no such place"),
        ('<a href="#bottom">', "#bottom has no such place"),
    ],
)
def test_faults_are_named(proofread: Any, page: str, fault: str) -> None:
    with pytest.raises(Exception, match=fault):
        proofread(page)
