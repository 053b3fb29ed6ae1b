"""If-Match and If-None-Match (RFC 7644 section 3.14)."""

from __future__ import annotations

import pytest

from django_scim_provider.core.errors import PreconditionFailed
from django_scim_provider.core.preconditions import check_preconditions, etag, is_not_modified


def test_etag_is_weak() -> None:
    assert etag(3) == 'W/"3"'


@pytest.mark.parametrize("header", [None, "*", " * ", 'W/"3"', '"3"', 'W/"1", W/"3"', 'W/"3" '])
def test_matching_version_passes(header: str | None) -> None:
    check_preconditions(header, None, 3)


@pytest.mark.parametrize(
    "header", ['W/"2"', "3", "", 'x"3"', 'W/"3", 3', 'W/"3', "garbage", 'W/"33"', 'w/"3"', ","]
)
def test_other_version_is_412(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        check_preconditions(header, None, 3)


@pytest.mark.parametrize(
    ("header", "expected"), [(None, False), ("*", True), ('W/"3"', True), ('W/"2"', False)]
)
def test_not_modified(header: str | None, expected: bool) -> None:
    assert is_not_modified(header, 3) is expected


@pytest.mark.parametrize(
    "header",
    ["*", " * ", 'W/"3"', '"3"', '"1", W/"3"', ',W/"3",', "", "3", "garbage", '"3', "*, *"],
)
def test_if_none_match_of_the_version_or_of_nothing_readable_is_412(header: str) -> None:
    with pytest.raises(PreconditionFailed, match="If-None-Match"):
        check_preconditions(None, header, 3)


@pytest.mark.parametrize("header", ['W/"2"', '"1", W/"2"', '"33"', 'W/"a,b"'])
def test_if_none_match_of_other_versions_passes(header: str) -> None:
    check_preconditions(None, header, 3)
    check_preconditions('W/"3"', header, 3)


def test_if_match_comes_first() -> None:
    with pytest.raises(PreconditionFailed, match="not the expected one"):
        check_preconditions('W/"2"', "*", 3)
    with pytest.raises(PreconditionFailed, match="If-None-Match"):
        check_preconditions('W/"3"', 'W/"3"', 3)
