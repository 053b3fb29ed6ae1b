"""A terminal that does in this process what pages tell readers to type."""

from __future__ import annotations

import argparse
import io
import re
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from packaging.requirements import Requirement

from tests.documentation.blocks import ROOT

ASSIGNED = re.compile(r"^(\w+)=\$\((.*)\)$", re.DOTALL)
NAME = re.compile(r"\$(\w+)")
FEWER = {"--users": "4", "--groups": "1"}
"""Of those that the simulator invents, where pages have hundreds."""
DEPLOYMENT = re.compile(r"https://(?:app\.example\.com|your-host)(?=/)")
"""What pages call the address of the reader's site."""


@dataclass
class Terminal:
    """Variables and files of one reader."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    address: str
    """Of a server that has the project."""
    names: dict[str, str] = field(default_factory=dict)
    """Variables of the shell."""

    def run(self, command: str) -> str:
        """Return what a command prints.

        Raises:
            KeyError: there is no such program here.
        """
        if assigned := ASSIGNED.match(command):
            self.names[assigned[1]] = self.run(assigned[2]).strip()
            return ""
        printed = ""
        for part in command.split(" | "):
            printed = self._part(part, printed)
        return printed

    def _part(self, command: str, given: str) -> str:
        """Run a command without pipes; ``given`` is its standard input."""
        words = shlex.split(command.replace("\\\n", " "), comments=True)
        words = [NAME.sub(lambda found: self.names[found[1]], word) for word in words]
        target = None
        for sign in ("<", ">"):
            if sign in words:
                at = words.index(sign)
                named = words.pop(at + 1)
                words.pop(at)
                given, target = self._redirected(sign, named, given, target)
        self.monkeypatch.setattr("sys.stdin", io.StringIO(given))
        program, arguments = self._program(words)
        printed = program(arguments)
        if target is not None:
            target.write_text(printed)
        return printed

    def _redirected(
        self, sign: str, named: str, given: str, target: Path | None
    ) -> tuple[str, Path | None]:
        path = self.folder / named
        return (path.read_text(), target) if sign == "<" else (given, path)

    def _program(self, words: list[str]) -> tuple[Callable[[list[str]], str], list[str]]:
        """Return what does the work of a program, and the arguments for it."""
        for length in (3, 2, 1):
            if program := PROGRAMS.get(" ".join(words[:length])):
                return program.__get__(self), words[length:]
        raise KeyError(" ".join(words))

    def manage(self, arguments: list[str]) -> str:
        """Run a command of Django."""
        out = io.StringIO()
        for option, number in FEWER.items():
            if arguments[0] == "scim_simulate" and option in arguments:
                arguments[arguments.index(option) + 1] = number
        call_command(*(DEPLOYMENT.sub(self.address, word) for word in arguments), stdout=out)
        return out.getvalue()

    def curl(self, arguments: list[str]) -> str:
        """Send a request by the test client."""
        parser = argparse.ArgumentParser(exit_on_error=False)
        parser.add_argument("-H", action="append", dest="headers", default=[])
        parser.add_argument("-d", dest="data")
        parser.add_argument("url")
        asked = parser.parse_args(arguments)
        headers = dict(header.split(": ", 1) for header in asked.headers)
        answer = Client().generic(
            "GET" if asked.data is None else "POST",
            urlsplit(asked.url).path,
            asked.data or "",
            content_type=headers.pop("Content-Type", ""),
            headers=headers,
        )
        assert answer.status_code < 300, answer.content
        return answer.content.decode()

    def install(self, arguments: list[str]) -> str:
        """Read what would be installed; extras of ours have to exist."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        for word in arguments:
            if not word.startswith("-"):
                path, bracket, extras = word.partition("[")
                is_path = path.startswith((".", "/", "~"))
                named = f"{project['name']}{bracket}{extras}" if is_path else word
                wanted = Requirement(named)
                if wanted.name == project["name"]:
                    assert wanted.extras <= project["optional-dependencies"].keys(), word
        return ""

    def say(self, arguments: list[str]) -> str:
        """Print what is given."""
        return arguments[-1]

    def uvicorn(self, arguments: list[str]) -> str:
        """Read the options."""
        from uvicorn.main import main

        main.make_context("uvicorn", list(arguments))
        return ""

    def benchmarks(self, arguments: list[str]) -> str:
        """Read the options."""
        from benchmarks import compare

        compare.parser().parse_args(arguments[1:])
        return ""


PROGRAMS: dict[str, Any] = {
    "curl": Terminal.curl,
    "echo": Terminal.say,
    "printf": Terminal.say,
    "python -m benchmarks": Terminal.benchmarks,
    "python -m pip": Terminal.install,
    "python manage.py": Terminal.manage,
    "uvicorn": Terminal.uvicorn,
}
"""By the words that they are called by."""


def program_of(command: str) -> str | None:
    """Return which of them runs at the end of a command; None: there is none."""
    inner = ASSIGNED.match(command)
    words = (inner[2] if inner else command).rpartition(" | ")[2].split()
    named = (" ".join(words[:length]) for length in (3, 2, 1))
    return next((name for name in named if name in PROGRAMS), None)
