"""Code blocks name nothing that is not there: modules, settings, methods, commands, extras."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.checks.types import fits
from django_scim_provider.conf import KNOWN, SETTING, Settings
from tests.documentation.blocks import FOUND, PLAIN, ROOT, Block, commands, pages

MANAGE = re.compile(r"(?<!example_project/)manage\.py (\w+)((?:[^|<>;&)\n\\]|\\\n)*)")
NAMED = re.compile(r"``(?:python )?(?:manage\.py )?(\w+)( [^`]+)``")
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")
EXTRAS = re.compile(r"django-scim-provider\[([\w,-]+)\]")
PROGRAMS = {
    *(".", "cd", "curl", "django-admin", "echo", "gunicorn", "mkdir", "pre-commit"),
    *("printf", "python", "uvicorn"),
}
"""What a reader is told to type."""


def in_language(*languages: str) -> list[Any]:
    return [pytest.param(one, id=one.place) for one in FOUND if one.language in languages]


def typed(block: Block) -> list[str]:
    """Return the commands of a block; README and CONTRIBUTING have them without a prompt."""
    return block.text.splitlines() if block.language == PLAIN else list(commands(block))


@pytest.mark.parametrize("block", in_language("python"))
def test_python_is_python_and_names_what_there_is(block: Block) -> None:
    tree = ast.parse(block.text)

    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("django_scim_provider"):
            assert_importable(str(node.module), [name.name for name in node.names])
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == SETTING:
            assert_settings(node.value)
        if isinstance(node, ast.ClassDef) and "DefaultAdapter" in map(ast.unparse, node.bases):
            methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            assert methods <= set(dir(DefaultAdapter)), methods - set(dir(DefaultAdapter))


def assert_importable(module: str, names: list[str]) -> None:
    if module.startswith("django_scim_provider.contrib."):  # needs a package that may be away
        assert set(names) <= declared_in(module)
        return
    imported = importlib.import_module(module)
    for name in names:
        if not hasattr(imported, name):
            importlib.import_module(f"{module}.{name}")


def declared_in(module: str) -> set[str]:
    """Return the classes and functions that a module declares, without importing it."""
    found = find_spec(module)
    assert found is not None
    tree = ast.parse(Path(str(found.origin)).read_text())
    return {each.name for each in tree.body if isinstance(each, ast.ClassDef | ast.FunctionDef)}


def assert_settings(value: ast.expr) -> None:
    """Fail where a key is none of ours, or a value that stands there has the wrong type."""
    assert isinstance(value, ast.Dict)
    hints = get_type_hints(Settings)
    for key, given in zip(value.keys, value.values, strict=True):
        name = ast.literal_eval(key) if key is not None else None
        assert name in KNOWN
        try:
            found = ast.literal_eval(given)
        except ValueError:  # it is computed, such as by env("...")
            continue
        assert fits(found, hints[name]), name


@pytest.mark.parametrize("block", in_language("console", PLAIN))
def test_commands_are_those_that_there_are(block: Block) -> None:
    for command in typed(block):
        words = re.sub(r"^(?:\w+=(?:\$\(|\S*\s))*", "", command)
        first = words.split()[0].strip("()") if words.split() else "printf"

        assert first in PROGRAMS, command
        parsed = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True)
        assert parsed.returncode == 0, parsed.stderr


@pytest.mark.parametrize("block", in_language("console", "text", PLAIN))
def test_arguments_of_commands_are_understood(block: Block) -> None:
    for name, arguments in MANAGE.findall(block.text):
        if name != "shell":  # its Python is run with the tutorials
            parse(name, shlex.split(arguments.replace("\\\n", " "), comments=True))


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in pages()])
def test_options_in_sentences_are_those_of_the_command(page: Path) -> None:
    for name, words in NAMED.findall(page.read_text()):
        if name in get_commands():
            command = load_command_class(get_commands()[name], name)
            known = command.create_parser("manage.py", name)._option_string_actions
            assert set(OPTION.findall(words)) <= known.keys(), (name, words)


def parse(name: str, arguments: list[str]) -> None:
    """Fail where a command does not exist, or does not know its arguments."""
    assert name in get_commands(), f"there is no command {name}"
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)  # exits where it cannot


def test_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {
        extra
        for block in FOUND
        for extras in EXTRAS.findall(block.text)
        for extra in extras.split(",")
    }

    assert named
    assert named <= project["optional-dependencies"].keys()


FAULTS: list[tuple[str, Callable[[Block], None]]] = [
    ("SCIM_PROVIDER = {'MAX_PAGE_SIZES': 1}", test_python_is_python_and_names_what_there_is),
    ("SCIM_PROVIDER = {'MAX_PAGE_SIZE': '1'}", test_python_is_python_and_names_what_there_is),
    ("class A(DefaultAdapter):\n def f(self): 1", test_python_is_python_and_names_what_there_is),
    ("from django_scim_provider import no", test_python_is_python_and_names_what_there_is),
    ("$ python manage.py scim_status --nothing", test_arguments_of_commands_are_understood),
    ("$ python manage.py scim_nothing", test_arguments_of_commands_are_understood),
    ("$ rm -r /", test_commands_are_those_that_there_are),
    ("$ echo (", test_commands_are_those_that_there_are),
]


@pytest.mark.parametrize(("text", "reading"), FAULTS)
def test_reading_finds_faults(text: str, reading: Callable[[Block], None]) -> None:
    with pytest.raises((AssertionError, CommandError, ImportError)):
        reading(Block("page", 1, "console", "", text))
