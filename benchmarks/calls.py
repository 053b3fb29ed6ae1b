"""Counts the calls inside of the app that one request makes.

One line a request: calls of the app's functions, files that they lie in, and moves back up: calls
from a layer into one above it, by the layers that import-linter holds (``pyproject.toml``). Each
request is made once before it is counted, so that what is kept in the process is there already.
With ``--list`` the calls of one request are printed in their order, an arrow before the moves back
up.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import django
import orjson

from benchmarks import ROOT, use_example_project
from benchmarks.people import PATCH, person
from benchmarks.sessions import BULK, Request, Session

PACKAGE = ROOT / "django_scim_provider"


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, and print the table or the calls of one request."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks calls", description=__doc__)
    parser.add_argument("--list", metavar="REQUEST", help="print the calls of this request")
    wanted = parser.parse_args(arguments).list
    with tempfile.TemporaryDirectory() as folder:
        requests = prepared(Path(folder) / "calls.sqlite3")
        layers = ranks()
        print(f"{'request':<10}{'calls':>8}{'files':>8}{'upwards':>9}")
        for name, send in requests.items():
            send(1)
            calls = traced(partial(send, 2))
            files = {callee for _, callee, _ in calls}
            up = [call for call in calls if is_upwards(call[0], call[1], layers)]
            print(f"{name:<10}{len(calls):>8}{len(files):>8}{len(up):>9}")
            if name == wanted:
                for call in calls:
                    print("   ^" if call in up else "    ", f"{call[1]}: {call[2]}")


def prepared(database: Path) -> dict[str, Callable[[int], Any]]:
    """Return the requests by their names, on a fresh database."""
    use_example_project(f"sqlite:///{database}")
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from django_scim_provider.api import generate_scim_token

    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    admin = get_user_model().objects.create_superuser("calls", "calls@bench.example", "calls")
    session = Session(generate_scim_token(admin, "calls").scim_token)
    paths = [session.made("/Users", **person(number)) for number in (1001, 1002)]
    replace = [{"op": "replace", "value": {"displayName": "Another", "title": "Lead"}}]

    def send(method: str, path: str, body: Any = None) -> None:
        status, answer = session.send(Request(method, path, orjson.dumps(body) if body else b""))
        if status not in (200, 201, 204):
            raise SystemExit(f"{method} {path}: {status} {answer[:300]!r}")

    def operations(turn: int) -> list[dict[str, Any]]:
        people = [person(turn * 100 + number) for number in range(10)]
        return [
            {"method": "POST", "path": "/Users", "bulkId": str(number), "data": each}
            for number, each in enumerate(people)
        ]

    return {
        "get": lambda turn: send("GET", paths[0]),
        "post": lambda turn: send("POST", "/Users", person(turn)),
        "patch": lambda turn: send(
            "PATCH", paths[turn - 1], {"schemas": [PATCH], "Operations": replace}
        ),
        "bulk": lambda turn: send(
            "POST", "/Bulk", {"schemas": [BULK], "Operations": operations(turn)}
        ),
        "token": lambda turn: generate_scim_token(admin, "calls"),
    }


def traced(work: Callable[[], Any]) -> list[tuple[str, str, str]]:
    """Return each call as the caller's file, the callee's file and its name, in their order."""
    calls: list[tuple[str, str, str]] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or not (callee := inside(frame)):
            return
        name = frame.f_code.co_qualname
        if name.endswith(("<lambda>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>")):
            return
        above = frame.f_back
        while above is not None and not inside(above):
            above = above.f_back
        calls.append((inside(above) if above else callee, callee, name))

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def inside(frame: FrameType) -> str:
    """Return the file of a frame below the package; an empty text for what is elsewhere."""
    path = Path(frame.f_code.co_filename)
    return str(path.relative_to(PACKAGE)) if path.is_relative_to(PACKAGE) else ""


def ranks() -> dict[str, int]:
    """Return how high each part of the package lies; the highest has 0."""
    text = (ROOT / "pyproject.toml").read_text()
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("type") == "layers")
    found: dict[str, int] = {}
    for rank, layer in enumerate(layers):
        for part in layer.replace("|", " ").replace(":", " ").split():
            found[part.strip("()")] = rank
    return found


def is_upwards(caller: str, callee: str, layers: dict[str, int]) -> bool:
    """Tell whether a call leads into a layer above the caller's."""
    ranks = (layers.get(Path(path).parts[0].removesuffix(".py")) for path in (caller, callee))
    source, target = ranks
    return source is not None and target is not None and target < source
