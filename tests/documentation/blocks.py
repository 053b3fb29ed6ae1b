"""The code blocks of the documentation."""

from __future__ import annotations

import ast
import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django_scim_provider

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PACKAGE = Path(django_scim_provider.__file__).parent
"""Which need not be in the checkout: tests run on an installed package, too."""
PLAIN = "::"
"""The language of a block that names none."""
TUTORIALS = ("docs/tutorial.rst", "docs/tutorial-saas.rst")
"""Pages that ``test_tutorials`` does from their top to their end."""
ON_MONGODB = "docs/how-to/use-mongodb-or-sql-server.rst"
"""The page whose Python blocks ``tests/mongodb/test_documented.py`` makes a project of."""
_DIRECTIVE = re.compile(r"^( *)\.\. code-block:: *([\w-]+)?$")
_OPTION = re.compile(r"^ *:(\w+): *(.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code as a reader sees it."""

    page: str
    """Below the root of the repository; of docstrings, the module."""
    line: int
    """Of the page, or of the docstring."""
    language: str
    caption: str
    text: str

    @property
    def place(self) -> str:
        """Return where to find it."""
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Return all pages: those of the documentation, and those beside it."""
    own = [path for path in sorted(DOCS.rglob("*.rst")) if "_build" not in path.parts]
    return [ROOT / "README.rst", ROOT / "CONTRIBUTING.rst", *own]


def blocks() -> list[Block]:
    """Return the blocks of all pages and docstrings."""
    own = [block for page in pages() for block in blocks_of(page)]
    return [*own, *(block for path in sorted(PACKAGE.rglob("*.py")) for block in _told_by(path))]


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page, from its top."""
    return blocks_in(page.read_text().splitlines(), os.path.relpath(page, ROOT))


def _told_by(path: Path) -> Iterator[Block]:
    """Yield the blocks of the docstrings of a module, which pages may show."""
    source = path.read_text()
    told = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)) if "code-block::" in source else ():
        if isinstance(node, told) and (said := ast.get_docstring(node)):
            yield from blocks_in(said.splitlines(), os.path.relpath(path, PACKAGE.parent))


def blocks_in(lines: list[str], page: str) -> Iterator[Block]:
    """Yield the blocks of lines of reStructuredText, which are of that page."""
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line)
        plain = line.rstrip().endswith("::") and not line.lstrip().startswith("..")
        if not found and not plain:
            continue
        margin = len(found[1]) if found else len(line) - len(line.lstrip())
        body = _indented(lines[number + 1 :], margin)
        options = _options(body)
        yield Block(
            page=page,
            line=number + 1,
            language=(found[2] or PLAIN) if found else PLAIN,
            caption=options.get("caption", ""),
            text=textwrap.dedent("\n".join(body[len(options) :])).strip("\n"),
        )


def commands(block: Block) -> Iterator[str]:
    """Yield the commands of a block for a terminal, without the prompt and what is printed."""
    return (command for command, _ in dialogue(block))


def dialogue(block: Block) -> Iterator[tuple[str, str]]:
    """Yield the commands of a block for a terminal, each with what it prints, as far as shown."""
    for turn in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = turn.splitlines()
        end = 1
        while end < len(lines) and not _is_whole("\n".join(lines[:end])):
            end += 1
        yield "\n".join(lines[:end]), "\n".join(lines[end:])


def _is_whole(command: str) -> bool:
    """Tell whether neither a backslash nor a quote goes on in the next line."""
    bare = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", "", command, flags=re.DOTALL)
    return not command.endswith("\\") and "'" not in bare and '"' not in bare


def _indented(lines: list[str], margin: int) -> list[str]:
    body: list[str] = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= margin:
            break
        body.append(line)
    return body


def _options(body: list[str]) -> dict[str, str]:
    """Return the options in the first lines of a directive."""
    found: dict[str, str] = {}
    for line in body:
        option = _OPTION.match(line)
        if option is None:
            return found
        found[option[1]] = option[2]
    return found


FOUND = blocks()
"""All of them, in the order of pages and lines."""
