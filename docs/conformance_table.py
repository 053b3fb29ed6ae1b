"""The table of conformance: sections of the RFCs, tests, and how the tests went."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from written import literal, plain, table

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
RESULTS = Path(__file__).parent / "explanation" / "conformance.json"
JUDGE = "tests/judges/test_interop_cases.py"
CASES = {
    "cases.jsonl": f"{JUDGE}::test_every_case_is_answered_as_it_asks",
    "more_cases.jsonl": f"{JUDGE}::test_every_further_case_is_answered_as_it_asks",
}
"""Files of recorded requests, and the test that plays each."""
TITLES = {
    "7643": "RFC 7643, schema",
    "7644": "RFC 7644, protocol",
    "9110": "RFC 9110, HTTP",
    "9865": "RFC 9865, cursors",
}
_SECTION = re.compile(r"RFC (\d{4}) ((?:\d+)(?:\.\d+)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that the server is held to."""

    document: str
    section: str
    level: str
    """``MUST``, ``SHOULD`` or ``MAY``."""
    said: str
    """What is held, in words."""
    test: str
    """The id of the test without parameters."""

    @property
    def order(self) -> tuple[list[int], str, str]:
        """Return what sorts by section."""
        return [int(part) for part in self.section.split(".")], self.level, self.said


def conformance() -> list[str]:
    """Return a table for each document."""
    return list(_tables())


def _tables() -> Iterator[str]:
    results = json.loads(RESULTS.read_text())
    rows = [*marked(), *recorded()]
    yield from (f"All of it was last run with {results['run']}.", "")
    for document, title in TITLES.items():
        own = sorted((row for row in rows if row.document == document), key=lambda row: row.order)
        yield from (title, "=" * len(title), "")
        cells = [
            (row.section, row.level, plain(row.said), results["tests"][row.test]) for row in own
        ]
        yield from table(("Section", "Level", "Test", "Result"), cells, "12 12 62 14")


def marked() -> Iterator[Row]:
    """Yield the tests that have the mark ``rfc``."""
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text()
        if "mark.rfc(" in source:
            yield from _of_module(ast.parse(source), path.relative_to(ROOT).as_posix())


def _of_module(tree: ast.Module, path: str) -> Iterator[Row]:
    general = [
        mark
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "pytestmark"
        for mark in _marks(statement.value)
    ]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            own = [mark for each in function.decorator_list for mark in _marks(each)]
            for document, section, level in own or general:
                said = function.name.removeprefix("test_").replace("_", " ")
                test = f"{path}::{function.name}"
                yield Row(document=document, section=section, level=level, said=said, test=test)


def _marks(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.rfc":
            document, section, level = (ast.literal_eval(argument) for argument in call.args)
            yield document, section, level


def recorded() -> Iterator[Row]:
    """Yield the recorded cases that a section of an RFC decides.

    Their ``level`` says how a server is judged; ``word`` is the section's own where it is another.
    """
    for file, test in CASES.items():
        for line in (TESTS / "interop" / file).read_text().splitlines():
            case = json.loads(line) if line.strip() else {}
            found = _SECTION.match(case.get("source", ""))
            if found and found[1] in TITLES and case["level"] in ("must", "should"):
                level = case.get("word", case["level"]).upper()
                yield Row(
                    document=found[1],
                    section=found[2],
                    level=level,
                    said=case["why"],
                    test=test,
                )


def numbers() -> list[str]:
    """Return how many rows of which level there are."""
    rows = [*marked(), *recorded()]
    counts = {level: sum(row.level == level for row in rows) for level in ("MUST", "SHOULD", "MAY")}
    said = ", ".join(f"{literal(level)} {count}" for level, count in counts.items())
    return [f"{len(rows)} rows: {said}.", ""]
