"""Values of the project's as JSON has them."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Return a value of any field of the project's, keys such as MongoDB's as texts."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [plain(each) for each in value] if isinstance(value, list) else str(value)
