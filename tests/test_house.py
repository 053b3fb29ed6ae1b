"""The house that the package is: one name for one thing, rooms of a size that one can look over."""

from __future__ import annotations

import ast
import runpy
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import django_scim_provider

PACKAGE = Path(django_scim_provider.__file__).parent
DOCS = Path(__file__).parent.parent / "docs"
MOST_FILES = 16
"""With the file that makes a folder a package."""
DJANGO_NAMES = {"Command", "Config", "Media", "Meta", "Migration"}
"""Classes whose names Django prescribes."""
SAME_PART = {
    "accounts": "the model, its admin, its drift",
    "bulk": "what a bulk request is, and its view",
    "connections": "the model, its admin",
    "decommission": "of a connection, of its accounts, its page",
    "discovery": "the documents, their view, the doctor's look at them",
    "drift": "what it is, and its page",
    "portable": "the vendors of the portable way, what the stores do there",
    "statements": "those of the app, those of screening",
    "events": "the model, its rows, its admin",
    "failures": "the model, how they are kept",
    "filter_columns": "of users, of groups",
    "groups": "the model, the store, its drift",
    "health": "what it is, and its page",
    "instruments": "what they are, and their check",
    "linking": "the policy, and by hand",
    "management": "what people may do, the commands (Django's name)",
    "members": "how PATCH names them, and their rows",
    "organizations": "the backends, and their check",
    "profiles": "what they are, and their check",
    "rendering": "of users, of groups",
    "required_fields": "which they are, and their check",
    "resources": "the model, the store, the import for projects",
    "results": "of a check-up, of a simulation",
    "roles": "the models, the store",
    "signals": "declared; sent for accounts, for roles",
    "store": "of users, of groups",
    "stores": "what they are, and their check",
    "tokens": "the room, the model, its admin",
    "tombstones": "the model, its rows",
    "views": "Django's name",
}
"""Modules that are the same part of several rooms; what is in each."""


def python_files() -> Iterable[Path]:
    return (path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def test_no_class_name_stands_twice() -> None:
    places = defaultdict(list)
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name not in DJANGO_NAMES:
                places[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_a_module_name_that_stands_twice_is_the_same_part_of_several_rooms() -> None:
    places = defaultdict(list)
    for path in python_files():
        name = path.parent.name if path.stem == "__init__" else path.stem
        if path.parent.name != "commands":
            places[name].append(str(path.relative_to(PACKAGE)))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in SAME_PART} == {}
    assert SAME_PART.keys() - twice.keys() == set(), "listed, and no longer needed"


def test_a_folder_can_be_looked_over() -> None:
    folders: defaultdict[str, int] = defaultdict(int)
    for path in python_files():
        # Tables of routes have the names by which projects include them, beside the package's own.
        if path.parent.name != "commands" and not path.stem.endswith("urls"):
            folders[str(path.parent.relative_to(PACKAGE))] += 1
    assert {name: count for name, count in folders.items() if count > MOST_FILES} == {}


def test_the_statements_of_requests_run_in_one_place() -> None:
    openers = {
        str(path.relative_to(PACKAGE))
        for path in python_files()
        if ".cursor()" in path.read_text() and path.parent.name != "vendors"
    }
    assert openers == {
        "storage/sql/running.py",
        "storage/transactions/connection_locks.py",  # lies beneath
        "storage/user_indexes.py",  # a command
    }


def test_pictures_show_the_imports_of_today() -> None:
    drawing = runpy.run_path(str(DOCS / "draw_house.py"))

    drawn = {picture.name: drawing["drawn"](picture) for picture in drawing["pictures"]()}
    kept = {path.stem: path.read_text() for path in (DOCS / "pictures").glob("*.svg")}
    assert drawn.keys() == kept.keys()
    assert [name for name in drawn if drawn[name] != kept[name]] == [], "run docs/draw_house.py"
