"""The build of the documentation ends where a page is garbled or a link leads nowhere."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.documentation.blocks import DOCS

GOOD = '<h1 id="top">A</h1><a href="#top"></a><a href="b/c.html#x"></a><a href="https://x.example">'
INDEX = {
    "docnames": ["a", "b/c"],
    "terms": {"web": [1], "sign": [0]},
    "titleterms": {"hook": 1, "web": [0]},
}
"""What Sphinx writes of two pages: the numbers of the pages by the stems of their words."""


def stem(word: str) -> str:
    """Take the ending away; Sphinx knows more of them."""
    return word.removesuffix("s")


@pytest.fixture
def proofread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that proofreads a page beside one that is good."""
    monkeypatch.syspath_prepend(DOCS)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.html").write_text('<p id="x"><a href="../a.html#top">')
    (tmp_path / "a.html").write_text(GOOD)
    monkeypatch.setattr(importlib.import_module("search_words"), "SOUGHT", {"web-hook": "b/c"})
    (tmp_path / "searchindex.js").write_text(f"Search.setIndex({json.dumps(INDEX)})")
    builder = SimpleNamespace(
        format="html", indexer=SimpleNamespace(lang=SimpleNamespace(stem=stem))
    )
    app = SimpleNamespace(outdir=str(tmp_path), builder=builder)

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
        ("<p>as before.\nA heading\n============\nA text</p>", "a heading without a line"),
        ('<td><ul class="simple">\n<li></li>\n</ul></td>', "a hyphen alone"),
        ("<p>scim_decommission \N{EN DASH}keep-access</p>", "an option is shown with a dash"),
        ('<a href="nowhere.html">', "nowhere.html does not exist"),
        ('<img src="none.png">', "none.png does not exist"),
        ('<a href="a.html#bottom">', "a.html#bottom has no such place"),
        ('<a href="#bottom">', "#bottom has no such place"),
    ],
)
def test_faults_are_named(proofread: Any, page: str, fault: str) -> None:
    with pytest.raises(Exception, match=fault):
        proofread(page)


@pytest.mark.parametrize(
    ("typed", "pages"),
    [
        ("hooks", {"b/c"}),
        ("Web hooks", {"b/c"}),
        ("web", {"a", "b/c"}),
        ("web-sign", {"a"}),
        ("sign hook", set()),
        ("nothing", set()),
    ],
)
def test_pages_are_found_by_words_in_any_form(
    monkeypatch: pytest.MonkeyPatch, typed: str, pages: set[str]
) -> None:
    monkeypatch.syspath_prepend(DOCS)

    assert importlib.import_module("search_words").pages_with(INDEX, typed, stem) == pages


def test_page_that_nobody_finds_is_named(proofread: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("search_words"), "SOUGHT", {"sign hook": "a"})

    with pytest.raises(Exception, match="a: is not found by a search for “sign hook”"):
        proofread(GOOD)


def test_what_people_seek_has_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    sought = importlib.import_module("search_words").SOUGHT

    asked = {"troubleshoot", "upgrade", "single sign", "webhook", "multi-tenant", "django-scim2"}
    assert sought.keys() >= asked
    assert all((DOCS / f"{page}.rst").exists() for page in sought.values())
