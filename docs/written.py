"""Lines of reStructuredText: escaped texts, tables and lists."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from django_scim_provider.conf import KNOWN

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_MARKUP = re.compile(r"([\\*`|])")
_REFERENCE = re.compile(r"(?<=\w)_(?!\w)")
_ADDRESS = re.compile(r"\bhttps?://[^\s,;)]*[\w/]")
_OPTION = re.compile(r"(?<![\w`-])--[a-z][a-z-]*")
_SETTING = re.compile(r"\b[A-Z0-9]+(?:_[A-Z0-9]+)+(?:\\_\\\*|\b)(?!\[)")


def plain(text: object) -> str:
    """Return a text of the code as reStructuredText that shows it.

    Placeholders are emphasised, names of settings become links or literals, and addresses, which
    are examples, literals; so do options, two hyphens of which would be shown as a dash.
    """
    escaped = _REFERENCE.sub(r"\\_", _MARKUP.sub(r"\\\1", str(text)))
    escaped = _ADDRESS.sub(lambda found: literal(found.group()), escaped)
    escaped = _OPTION.sub(lambda found: literal(found.group()), escaped)
    named = _SETTING.sub(lambda found: setting(found.group().replace("\\", "")), escaped)
    return _PLACEHOLDER.sub(lambda found: f"*{found.group(1).replace('_', ' ')}*", named)


def setting(name: str) -> str:
    """Return a link to a setting of the app, or the literal name of another one."""
    return f":confval:`{name}`" if name in KNOWN else f"``{name}``"


def literal(text: str) -> str:
    """Return a text in the type of code."""
    return f"``{text}``"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: str = "") -> list[str]:
    """Return a table; each cell is one line of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1"]
    lines += [f"   :widths: {widths}"] if widths else []
    lines.append("")
    for row in (head, *rows):
        lines += [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(row)]
    return [*lines, ""]


def definitions(entries: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Yield a list of terms, each with its paragraphs."""
    for term, paragraphs in entries:
        yield term
        for paragraph in paragraphs:
            yield from (textwrap.indent(paragraph, "    "), "")
