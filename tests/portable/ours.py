"""Code of a test that passes for the app's."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar, cast

from tests.portable.frames import PACKAGE

Given = ParamSpec("Given")
Result = TypeVar("Result")


def ours(
    function: Callable[Given, Result], file: str = "storage/example.py"
) -> Callable[Given, Result]:
    """Return a function as if it stood in a file of the app."""
    plain = cast(FunctionType, function)
    code = plain.__code__.replace(co_filename=PACKAGE + file)
    moved = FunctionType(code, plain.__globals__, plain.__name__, plain.__defaults__)
    moved.__kwdefaults__ = plain.__kwdefaults__
    return cast(Callable[Given, Result], moved)
