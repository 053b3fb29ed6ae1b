"""The keys of the models, and the collation of texts that are compared byte for byte."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import timezone

from django_scim_provider.models.fields import exact_collation
from django_scim_provider.models.keys import least_key_of, uuid7
from tests.parallel import in_parallel


def test_keys_sort_by_creation() -> None:
    keys = [uuid7() for _ in range(5000)]

    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {"specified in RFC 4122"}


def test_keys_of_a_moment_are_not_below_its_least() -> None:
    before = timezone.now()
    key = uuid7()

    assert least_key_of(before) <= key < least_key_of(timezone.now() + timedelta(seconds=1))


@pytest.mark.django_db  # the threads close connections
def test_keys_of_threads_never_collide() -> None:
    found = in_parallel(4, lambda number: [uuid7() for _ in range(2000)])

    assert len({key for keys in found for key in keys}) == 8000


@pytest.mark.parametrize(
    ("database", "collation"),
    [
        ({"vendor": "postgresql"}, "C"),
        ({"vendor": "mysql", "mysql_is_mariadb": True}, "utf8mb4_nopad_bin"),
        ({"vendor": "mysql", "mysql_is_mariadb": False}, "utf8mb4_0900_bin"),
        ({"vendor": "microsoft"}, "Latin1_General_100_BIN2_UTF8"),
        ({"vendor": "sqlite"}, None),
    ],
)
def test_collation_is_the_binary_one(database: dict[str, Any], collation: str | None) -> None:
    assert exact_collation(cast(Any, SimpleNamespace(**database))) == collation
