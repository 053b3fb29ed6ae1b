"""Texts of a mebibyte go through whatever looks at texts, and none of it goes back and forth.

A pattern that tries again from each character would take days, so the processor time of a child
process is its limit; nothing is measured.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.filters import binding, patch_paths
from django_scim_provider.core.filters.remembering import ENTRIES, MAX_LENGTH
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.projection import parse
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.validation.cleaning import clean_value
from tests.costs import peak_bytes, steps

PROCESSOR_SECONDS = 60
LONG = 1024 * 1024

WORK = {
    "certificate": "clean_value(USER.core_attribute('x509Certificates'),"
    " [{'value': UNIT * N + '!'}], GENERIC, path='x')",
    "date": "fold_date('2026-01-02T03:04:05.' + UNIT * N)",
    "folded-text": "fold('a' + UNIT * N)",
    "references": "list(references({'a': UNIT * N}))",
    "tags": "check_preconditions(UNIT * N, UNIT * N, 1)",
    "filter": "parse(UNIT * 4095 + '!')",
    "filter-in-a-text": "parse('userName eq \"' + UNIT * 4000)",
    "path": "parse_path(('a[' + UNIT * 4090 + '!')[:4096], USER)",
}
SCRIPT = """
from django_scim_provider.core.bulk.references import references
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.folding import fold, fold_date
from django_scim_provider.core.filters.parsing import parse
from django_scim_provider.core.filters.patch_paths import parse_path
from django_scim_provider.core.preconditions import check_preconditions
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.validation.cleaning import clean_value

UNITS = (" ", "=", "1", "1.", "a", '"', "\\\\", "]", "] .", "bulkId:", "\\u0301\\u0323", "\\ufdfa")
for UNIT in UNITS:
    N = LONG // len(UNIT.encode())
    try:
        WORK
    except SCIMError:
        pass
"""


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_a_long_text_is_read_in_one_pass(work: str) -> None:
    script = SCRIPT.replace("LONG", str(LONG)).replace("WORK", work)

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        preexec_fn=limited,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()


def test_what_is_remembered_of_clients_texts_is_bounded() -> None:
    def fill(length: int) -> int:
        def ask() -> None:
            for number in range(3 * ENTRIES):
                text = f'userName eq "{number:0{length}}"'
                binding.bind_text(text, USER, GENERIC)
                patch_paths.parse_path(f'emails[value eq "{number:0{length}}"]', USER)

        return peak_bytes(ask)

    # What is not remembered is gone at once.
    assert fill(4000) < 200_000
    assert fill(10) < 2 * ENTRIES * (MAX_LENGTH + 4096)


def test_a_message_shows_the_beginning_of_a_value() -> None:
    active = USER.core_attribute("active")
    assert active is not None

    def refuse(value: Any) -> None:
        with pytest.raises(InvalidValue) as refused:
            clean_value(active, value, GENERIC, path="active")
        assert len(refused.value.detail) < 200

    long = "x" * LONG

    assert peak_bytes(lambda: refuse([long, long])) < 100_000
    assert peak_bytes(lambda: refuse(long)) < 3 * LONG


def test_steps_of_a_list_of_names_grow_as_the_list() -> None:
    def cost(number: int) -> int:
        return steps(lambda: parse([f"n{n}" for n in range(number)], None, USER, GENERIC))

    assert cost(2000) < 2.1 * cost(1000)
    assert cost(1000) < 20 * 1000
