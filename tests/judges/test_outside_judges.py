"""scim2-tester and scim-sanity: conformance suites that others wrote."""

from __future__ import annotations

import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from scim_sanity.probe.runner import run_probe_api

from tests.judges.conftest import LiveSCIM

pytestmark = pytest.mark.django_db(transaction=True)


def test_scim2_tester_finds_no_fault(scim: LiveSCIM) -> None:
    headers = {"Authorization": f"Bearer {scim.token}"}
    with Client(base_url=scim.url, headers=headers) as http:
        results = check_server(SyncSCIMClient(http))

    faults = [
        f"{result.title}: {result.reason}"
        for result in results
        if result.status in (Status.ERROR, Status.CRITICAL, Status.DEVIATION)
    ]
    assert len(results) > 50
    assert faults == []


def test_scim_sanity_finds_no_fault(scim: LiveSCIM) -> None:
    report = run_probe_api(scim.url, token=scim.token, strict=True, timeout=30)

    assert report["summary"]["passed"] > 20
    assert report["summary"]["failed"] == 0, report
