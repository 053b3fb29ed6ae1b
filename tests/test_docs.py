"""The documentation against the code: what it lists is what there is."""

from __future__ import annotations

import dataclasses
import re
import runpy
from pathlib import Path
from typing import Any

import django_scim_provider
from django_scim_provider.core.profiles import GENERIC_PRODUCTS, PROFILES, SWITCHES
from django_scim_provider.organizations.membership_names import MembershipModel

DOCS = Path(__file__).parent.parent / "docs"
COMMANDS = Path(django_scim_provider.__file__).parent / "management" / "commands"


def module(name: str) -> dict[str, Any]:
    return runpy.run_path(str(DOCS / f"{name}.py"))


def text(name: str) -> str:
    return (DOCS / name).read_text()


def test_each_command_is_described_once() -> None:
    described = re.findall(r"^``(scim_\w+)", text("reference/commands.rst"), re.MULTILINE)

    assert sorted(described) == sorted(path.stem for path in COMMANDS.glob("scim_*.py"))


def test_each_check_is_described_once() -> None:
    from django_scim_provider import checks

    described = re.findall(r"^([EW]\d{3})\b", checks.__doc__ or "", re.MULTILINE)
    used = {
        number
        for path in Path(checks.__file__).parent.rglob("*.py")
        for number in re.findall(r'"([EW]\d{3})"', path.read_text())
    }

    assert sorted(described) == sorted(used)


def test_each_page_is_in_the_index() -> None:
    listed = re.findall(r"^   ([\w/-]+)$", text("index.rst"), re.MULTILINE)
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.rst")}

    assert sorted(listed) == sorted(pages - {"index"})


def test_defaults_are_shown_as_they_are() -> None:
    show_default = module("attributes")["show_default"]

    for field in dataclasses.fields(MembershipModel):
        lines = ["What it is."]
        show_default(MembershipModel, field.name, lines)

        if field.default_factory is not dataclasses.MISSING:
            assert f"*Default:* ``{field.default_factory()!r}``" in lines
        elif field.default is not dataclasses.MISSING:
            assert f"*Default:* ``{field.default!r}``" in lines
        else:
            assert lines == ["What it is."]


def test_colons_make_no_types() -> None:
    lines = ["How secrets are stored: hashed or not."]

    module("attributes")["keep_colons"](lines)

    # What napoleon splits at a colon is the first line.
    assert lines == ["..", "", "How secrets are stored: hashed or not."]


def test_table_of_switches_is_that_of_the_profiles() -> None:
    lines = module("profile_table")["table"]()
    head, *rows = "\n".join(lines).split("   * - ")[1:]
    on = {
        row.splitlines()[0].strip("`"): [cell.strip(" -") == "on" for cell in row.splitlines()[1:]]
        for row in rows
    }

    names = re.findall(r"``(\w+)``", head)
    assert names == list(PROFILES)
    assert list(on) == list(SWITCHES)
    for switch, cells in on.items():
        assert cells[: len(names)] == [PROFILES[name].switches()[switch] for name in names]


def test_page_of_profiles_has_both_tables_and_each_switch_once() -> None:
    page = text("reference/profiles.rst")
    described = re.findall(r"^``(\w+)`` {2,}\S", page, re.MULTILINE)

    assert ".. from-code:: switches" in page
    assert ".. from-code:: names" in page
    assert sorted(described) == sorted(SWITCHES)
    named = "\n".join(module("profile_table")["names"]())
    assert all(f"``{name}``" in named for name in (*PROFILES, *GENERIC_PRODUCTS))
