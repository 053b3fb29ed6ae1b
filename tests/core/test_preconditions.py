"""If-Match and If-None-Match (RFC 7644 section 3.14)."""

from __future__ import annotations

import pytest

from django_scim_provider.core.errors import PreconditionFailed
from django_scim_provider.core.preconditions import check_if_match, etag, is_not_modified


def test_etag_is_weak() -> None:
    assert etag(3) == 'W/"3"'


@pytest.mark.parametrize("header", [None, "*", " * ", 'W/"3"', '"3"', 'W/"1", W/"3"', 'W/"3" '])
def test_matching_version_passes(header: str | None) -> None:
    check_if_match(header, 3)


@pytest.mark.parametrize("header", ['W/"2"', "3", "", 'W/"3', "garbage", 'W/"33"', 'w/"3"', ","])
def test_other_version_is_412(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        check_if_match(header, 3)


@pytest.mark.parametrize(
    ("header", "expected"), [(None, False), ("*", True), ('W/"3"', True), ('W/"2"', False)]
)
def test_not_modified(header: str | None, expected: bool) -> None:
    assert is_not_modified(header, 3) is expected
