"""Whether values of settings are of the types that they are annotated with."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin


def fits(value: Any, wanted: Any) -> bool:
    """Tell whether a value is of a type, as deep as the annotations of settings go."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list | tuple) and all(fits(item, inner[0]) for item in value)
    if origin is tuple:
        return (
            isinstance(value, list | tuple)
            and len(value) == len(inner)
            and all(fits(item, option) for item, option in zip(value, inner, strict=True))
        )
    if origin is dict:
        return isinstance(value, dict) and all(
            fits(key, inner[0]) and fits(item, inner[1]) for key, item in value.items()
        )
    if wanted in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, wanted)
