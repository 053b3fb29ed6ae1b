"""The page of the settings, from the dataclass that holds them."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from attributes import default_of
from setting_examples import ELSEWHERE, EXAMPLES, GROUPS

from django_scim_provider import conf


def settings() -> list[str]:
    """Return the lines of all settings, by subject."""
    return list(_lines(conf.Settings))


def docstrings(owner: type[Any]) -> dict[str, str]:
    """Return what is said below each attribute of a class, by the attribute's name."""
    tree: Any = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    return {
        before.target.id: inspect.cleandoc(after.value.value)
        for before, after in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }


def _lines(owner: type[Any]) -> Iterator[str]:
    said = docstrings(owner)
    fields = {field.name: field for field in dataclasses.fields(owner)}
    grouped = {heading: list(names) for heading, names in GROUPS.items()}
    if rest := [name for name in fields if name not in EXAMPLES]:
        grouped[ELSEWHERE] = rest
    for heading, names in grouped.items():
        yield from (heading, "=" * len(heading), "")
        for name in names:
            yield from _setting(fields[name], said.get(name, ""))


def _setting(field: dataclasses.Field[Any], said: str) -> Iterator[str]:
    yield from (f".. confval:: {field.name}", f"   :type: ``{field.type}``")
    yield from (f"   :default: ``{default_of(field)}``", "")
    yield from textwrap.indent(said, "   ").splitlines()
    yield ""
    example = as_setting(field.name, EXAMPLES.get(field.name) or str(default_of(field)))
    yield from (
        "   .. code-block:: python",
        "",
        *textwrap.indent(example, "      ").splitlines(),
        "",
    )


def as_setting(name: str, example: str) -> str:
    """Return the lines of a settings file that say so."""
    line = f'SCIM_PROVIDER = {{"{name}": {example}}}'
    if "\n" not in example and len(line) <= 88:
        return line
    entry = textwrap.indent(f'"{name}": {example},', "    ")
    return f"SCIM_PROVIDER = {{\n{entry}\n}}"
