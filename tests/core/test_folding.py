"""Folded documents at the edges: values that count as unassigned leave no trace."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest

from django_scim_provider.core.folding import (
    _BECOME_MARKS,
    MARKS_IN_A_ROW,
    fold,
    fold_resource,
)
from django_scim_provider.core.schemas import USER

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"title": ""}, id="empty-text"),
        pytest.param({"title": None}, id="null"),
        pytest.param({"emails": []}, id="no-values"),
        pytest.param({"emails": [{"value": ""}]}, id="value-without-content"),
        pytest.param({"emails": ["ann@x.example"]}, id="value-that-is-no-object"),
        pytest.param({"name": {}}, id="empty-object"),
        pytest.param({"name": {"givenName": ""}}, id="object-without-content"),
        pytest.param({"password": "secret"}, id="never-returned"),
        pytest.param({ENTERPRISE: {}}, id="empty-extension"),
        pytest.param({ENTERPRISE: {"department": ""}}, id="extension-without-content"),
    ],
)
def test_what_counts_as_unassigned_is_left_out(attributes: dict[str, Any]) -> None:
    bare = fold_resource({"userName": "ann"}, USER)

    assert fold_resource({"userName": "ann", **attributes}, USER) == bare


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0f73\u0f72", "\u0301\uff9e", "\u0344\u0316"])
def test_marks_in_a_row_are_never_many(marks: str) -> None:
    # Unicode's normalization sorts them, in time that grows with the square of their number.
    row = marks[0] * 500 + marks[1] * 500
    folded = fold(f"a{row}b")

    longest = max(len(found) for found in re.findall("[^ab\u034f]+", folded))
    assert longest <= 2 * MARKS_IN_A_ROW
    assert fold(f"A{row}B") == folded


def test_rows_of_marks_that_languages_have_are_folded_as_unicode_says() -> None:
    texts = [
        "Đặng Thị Ngọc Ánh và Nguyễn Văn Đức, Thành phố Hồ Chí Minh",
        "a" + "\u0323\u0301" * 15,
    ]

    for text in texts:
        decomposed = unicodedata.normalize("NFD", text)
        assert fold(decomposed) == fold(text) == unicodedata.normalize("NFKC", text.casefold())


def test_a_long_text_is_folded_as_its_parts() -> None:
    part = "Straße İzmir ΣΑΣ ﬀ "

    assert fold(part * 5000) == fold(part) * 5000


def test_no_other_character_becomes_a_mark() -> None:
    # The list in ``folding`` is complete for the Unicode version of this Python.
    for number in range(0x110000):
        char = chr(number)
        decomposed = unicodedata.normalize("NFKD", char)
        if unicodedata.combining(decomposed[0]) and not unicodedata.combining(char):
            assert char in _BECOME_MARKS
