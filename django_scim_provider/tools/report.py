"""What a tool prints: on one kind of console, in one style. Needs rich, of the extra ``tools``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

WIDTH = 140
"""Columns of tables where the output is not a terminal."""
PARAGRAPH = 88
"""Columns of running text, everywhere."""
Announce = Callable[[str, int, int], None]
"""Takes what is done now, how many things are done, and how many there are."""


def console_on(
    wrapper: OutputWrapper, *, no_color: bool = False, force_color: bool = False
) -> Console:
    """Return a console that writes where a command does.

    It writes past Django's wrapper, which would end each movement of a bar by a line break.
    """
    raw = cast(IO[str], wrapper._out)
    return Console(
        file=raw,
        width=None if raw.isatty() else WIDTH,
        color_system=None if no_color else "auto",
        force_terminal=True if force_color else None,
    )


def write(console: Console, text: str, style: str = "") -> None:
    """Write a line as it is: nothing in it is markup, and a terminal breaks it where it likes."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def write_paragraph(console: Console, label: str, text: str) -> None:
    """Write a text beside its label; words are never broken, so that addresses can be copied."""
    lines = textwrap.wrap(
        text,
        PARAGRAPH,
        initial_indent=f"  {label + ' ':9}",
        subsequent_indent=" " * 11,
        break_long_words=False,
        break_on_hyphens=False,
    )
    write(console, "\n".join(lines))


def as_json(value: Any) -> str:
    """Return a report for programs."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@contextmanager
def bar(console: Console) -> Iterator[Announce]:
    """Show a progress bar; yield what moves it."""
    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def announce(name: str, done: int, total: int) -> None:
            progress.update(task, description=name, completed=done, total=total)

        yield announce
