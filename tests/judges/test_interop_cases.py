"""The recorded traffic of identity providers, played against a live server.

``tests/interop/cases.jsonl`` and ``more_cases.jsonl`` say for each case where it comes from and why
it exists.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.interop.run_cases import Response, Transport, malformed, run_case
from tests.live import LiveSCIM

FOLDER = Path(__file__).parent.parent / "interop"


def read(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / file).read_text().splitlines() if line.strip()]


CASES = read("cases.jsonl")
MORE_CASES = read("more_cases.jsonl")


@contextmanager
def transport_to(url: str) -> Iterator[Transport]:
    """Yield what sends the requests of the cases over one connection; close it at the end."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)) as wire:

        def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
            wire.request(method, parts.path + path, body=body, headers=headers)
            answer = wire.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, found, answer.read())

        yield send


def test_cases_are_well_formed() -> None:
    assert malformed(CASES + MORE_CASES) == []


@pytest.mark.rfc
@pytest.mark.django_db(transaction=True)
def test_every_case_is_answered_as_it_asks(scim: LiveSCIM) -> None:
    with transport_to(scim.url) as send:
        problems = {case["id"]: run_case(case, scim.token, send) for case in CASES}

    assert len(problems) > 300
    assert {id: found for id, found in problems.items() if found} == {}


@pytest.mark.rfc
@pytest.mark.django_db(transaction=True)
def test_every_further_case_is_answered_as_it_asks(scim: LiveSCIM) -> None:
    with transport_to(scim.url) as send:
        problems = {case["id"]: run_case(case, scim.token, send) for case in MORE_CASES}

    assert len(problems) > 100
    assert {id: found for id, found in problems.items() if found} == {}
