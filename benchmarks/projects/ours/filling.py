"""Fills the project of this app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.people import whole_person
from benchmarks.seed import TOKEN, seed


def fill(people: int, sizes: Sequence[int], *, indexes: bool) -> dict[str, Any]:
    """Return the token, and the ids of people and of groups by size."""
    ids, groups = seed(people, whole_person, sizes, indexes=indexes)
    return {"token": TOKEN["token"], "people": ids, "groups": groups}
