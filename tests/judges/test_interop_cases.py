"""The recorded traffic of identity providers, played against a live server.

``tests/interop/cases.jsonl`` says for each case where it comes from and why it exists.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop.run_cases import http_transport, malformed, run_case
from tests.judges.conftest import LiveSCIM

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "interop" / "cases.jsonl").read_text().splitlines()
    if line.strip()
]
LATER = {"groups", "bulk", "me"}
"""Areas that are not offered yet: group membership at size, Bulk and /Me."""


def test_cases_are_well_formed() -> None:
    assert malformed(CASES) == []


@pytest.mark.django_db(transaction=True)
def test_every_case_is_answered_as_it_asks(scim: LiveSCIM) -> None:
    transport = http_transport(scim.url, timeout=60)
    played = [case for case in CASES if case["area"] not in LATER]

    problems = {case["id"]: run_case(case, scim.token, transport) for case in played}

    assert len(problems) > 250
    assert {id: found for id, found in problems.items() if found} == {}
