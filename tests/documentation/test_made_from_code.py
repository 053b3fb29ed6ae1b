"""What the pages take from the code is whole: settings, vendors, symptoms, conformance."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import re
import subprocess
import sys
from typing import Any, get_type_hints

import pytest

from django_scim_provider.admin.connection_pages.advice import ADVICE
from django_scim_provider.checks.types import fits
from django_scim_provider.conf import Settings
from django_scim_provider.connections.instructions import INSTRUCTIONS
from django_scim_provider.core.profiles import GENERIC_PRODUCTS, PROFILES
from django_scim_provider.tools.doctor.kinds import Kind
from tests.doctor.test_kinds import KINDS
from tests.documentation.blocks import DOCS, ROOT

FIELDS = dataclasses.fields(Settings)
GUIDES = sorted(path.stem for path in (DOCS / "guides").glob("*.rst"))
MADE = re.compile(r"^ *\.\. from-code:: ([\w-]+)(?: (\w+))?$", re.MULTILINE)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that imports a module beside the pages."""
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module


def test_each_setting_has_its_type_its_default_and_an_example(module: Any) -> None:
    page = "\n".join(module("settings_reference").settings())
    default_of = module("attributes").default_of

    for field in FIELDS:
        entry = page.partition(f".. confval:: {field.name}\n")[2].partition(".. confval::")[0]
        assert f":type: ``{field.type}``" in entry
        assert f":default: ``{default_of(field)}``" in entry
        assert f'"{field.name}": ' in entry, f"{field.name} has no example"
        assert len(entry.splitlines()) > 7, f"nothing is said of {field.name}"


def test_examples_fit_and_are_not_the_defaults(module: Any) -> None:
    groups = module("setting_examples").GROUPS
    examples = [pair for group in groups.values() for pair in group.items()]
    hints = get_type_hints(Settings)

    assert len(examples) == len(dict(examples)) > 60
    for name, example in examples:
        value = eval(example, {})
        assert fits(value, hints[name]), name
        ast.parse(module("settings_reference").as_setting(name, example))
        if name != "DATABASE":  # nothing is known of the aliases of others
            assert value != getattr(Settings(), name), name


def test_each_vendor_with_instructions_has_a_guide() -> None:
    assert set(GUIDES) | {"authentik"} == INSTRUCTIONS.keys()
    assert INSTRUCTIONS.keys() <= PROFILES.keys() | GENERIC_PRODUCTS.keys()


@pytest.mark.parametrize("vendor", GUIDES)
def test_guide_has_all_that_the_code_knows(module: Any, vendor: str) -> None:
    text = (DOCS / "guides" / f"{vendor}.rst").read_text()
    tables = module("vendor_tables")

    assert {name for name, about in MADE.findall(text) if about == vendor} == {
        "vendor-connection",
        *("vendor-fields", "vendor-attributes", "vendor-switches", "vendor-rehearsal"),
    }
    steps = "\n".join(tables.fields(vendor))
    assert all(f"* - {field.label}\n" in steps for field in INSTRUCTIONS[vendor].fields)
    assert INSTRUCTIONS[vendor].source in steps
    assert "``userName``" in "\n".join(tables.attributes(vendor))


def test_switches_of_a_vendor_are_those_beyond_generic(module: Any) -> None:
    switches = module("vendor_tables").switches

    assert re.findall(r"^``(\w+)``$", "\n".join(switches("ping")), re.MULTILINE) == [
        "several_primaries"
    ]
    assert "has the switches of ``generic``" in switches("google")[0]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_troubleshooting_has_each_finding_once(module: Any, kind: Kind) -> None:
    lines = module("symptoms").findings()

    assert sum(line.startswith(f"``{kind.id}``") for line in lines) == 1


def test_troubleshooting_has_each_refusal_and_remedy(module: Any) -> None:
    symptoms = module("symptoms")
    remedies = symptoms.remedies()

    assert sum(line.startswith("``") for line in symptoms.answers()) == len(ADVICE)
    assert sum("  - " in line for line in remedies) == len(symptoms.REMEDIES) + 1
    assert len({line for line in remedies if line.startswith("     - ")}) > 5


def test_texts_of_the_code_are_shown_as_they_are(module: Any) -> None:
    plain = module("written").plain

    assert plain("a * b of name_") == r"a \* b of name\_"
    assert plain("%(request)s, set BASE_URL or ALLOWED_HOSTS.") == (
        "*request*, set :confval:`BASE_URL` or ``ALLOWED_HOSTS``."
    )
    assert plain("proxy_pass http://app/scim/v2/; and") == (
        "proxy_pass ``http://app/scim/v2/``; and"
    )
    assert plain("(scim_rotate_token --overlap)") == "(scim_rotate_token ``--overlap``)"
    assert plain("BULK_MAX_* settings") == "``BULK_MAX_*`` settings"


def test_each_row_of_conformance_was_run_and_passed(module: Any) -> None:
    """Where it fails, run what ``tests/conformance/recording.py`` says."""
    table = module("conformance_table")
    kept = table.json.loads(table.RESULTS.read_text())["tests"]
    rows = [*table.marked(), *table.recorded()]

    assert {row.test for row in rows} == kept.keys()
    assert set(kept.values()) == {"passed"}
    assert {row.level for row in rows} == {"MUST", "SHOULD", "MAY"}
    assert len(rows) > 300


def test_what_pages_ask_for_is_made() -> None:
    configuration = (DOCS / "conf.py").read_text()
    asked = {name for page in DOCS.rglob("*.rst") for name, _ in MADE.findall(page.read_text())}

    assert asked == set(re.findall(r'^    "([\w-]+)": \w+\.\w+,$', configuration, re.MULTILINE))


def test_pictures_are_few_and_small() -> None:
    pictures = [*(DOCS / "pictures").glob("*.png")]
    named = "".join(page.read_text() for page in [ROOT / "README.rst", *DOCS.rglob("*.rst")])

    assert 0 < len(pictures) <= 6
    assert all(picture.name in named for picture in pictures)
    assert sum(picture.stat().st_size for picture in pictures) < 600_000


def test_pictures_can_be_taken_without_settings_of_django() -> None:
    """The example project that is looked at is another process, with settings of its own."""
    pytest.importorskip("playwright")
    environment = {**os.environ}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    load = f"import runpy; runpy.run_path({str(DOCS / 'take_pictures.py')!r})"

    done = subprocess.run(
        [sys.executable, "-c", load], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
