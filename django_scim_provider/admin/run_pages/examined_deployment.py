"""The doctor, against the deployment that this page belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django_scim_provider.admin.run_pages import throwaway
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.base_url import scim_root_in_process
from django_scim_provider.connections.recordings.rehearsing import rehearsed
from django_scim_provider.models import CheckRun
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tools.addresses import parse_base_url
from django_scim_provider.tools.interruption import Interruption

if TYPE_CHECKING:
    from django_scim_provider.tools.http import HTTPExchange

MAX_WAIT = 20.0
"""Seconds that are waited altogether where the server limits requests."""
TIMEOUT = 10.0
"""Seconds for an answer."""
LONGEST = 60.0
"""Seconds that a rehearsal lasts."""


def examine(run: CheckRun, found: dict[str, Any], note: Callable[[int, int], None]) -> str:
    """Make the checks, and keep which passed and what was found; nobody is provisioned.

    Requests go over the network to the address in the settings and to no other: what a header of
    somebody's says is never called. Where there is none, the project's handler is asked in this
    process, which sees neither proxies nor certificates.
    """
    from django_scim_provider.tools.doctor.checkup import CHECKS, Check, CheckResult, check_up
    from django_scim_provider.tools.doctor.examination import HEADERS, Examination
    from django_scim_provider.tools.doctor.examinations import connection as on_the_way
    from django_scim_provider.tools.doctor.examinations.token_state import GivenToken
    from django_scim_provider.tools.doctor.kinds import Kind

    results: dict[str, str] = {}
    found |= {"checks": results, "findings": [], "network": get_settings().BASE_URL is not None}
    with _exchange(run, HEADERS) as exchange:
        examination = Examination(
            exchange=exchange,
            token=GivenToken(exchange.token),
            interruption=Interruption(),
            wait_left=MAX_WAIT,
            own_path=urlsplit(scim_root_in_process("")).path,
        )

        # Without a network there is neither encryption nor a way.
        left_out = {each.id for each in vars(on_the_way).values() if isinstance(each, Kind)}
        if found["network"]:
            left_out = set()

        def tell(check: Check, result: CheckResult) -> None:
            is_made = found["network"] or check.name != "connection"
            results[check.name] = result.value if is_made else CheckResult.SKIPPED.value
            found["findings"] = [
                {
                    "kind": each.kind.id,
                    "values": {name: str(value) for name, value in each.values.items()},
                    "request_id": each.request_id or "",
                }
                for each in examination.findings
                if each.kind.id not in left_out
            ]
            note(len(results), len(CHECKS))

        check_up(examination, write=False, tell=tell)
    return ""


@contextmanager
def _exchange(run: CheckRun, headers: dict[str, str]) -> Iterator[HTTPExchange]:
    from django_scim_provider.admin.run_pages.rehearsal_transport import RehearsalTransport
    from django_scim_provider.tools.http import HTTPExchange

    address = get_settings().BASE_URL
    if address is not None:
        throwaway.remove_left_over(run)
        connection, token = throwaway.open_for_reading(run)
        try:
            root = parse_base_url(address)
            with HTTPExchange(root, token, headers=headers, timeout=TIMEOUT) as exchange:
                yield exchange
        finally:
            throwaway.remove(connection)
        return
    # As the project sees what a proxy has decrypted.
    told = scim_root_in_process(run.options["origin"])
    root = parse_base_url("https" + told[told.index(":") :])
    reads = frozenset(scope for scope in all_scopes() if scope.endswith(".read"))
    with rehearsed(throwaway.unsaved(run), root.text, seconds=LONGEST, scopes=reads) as rehearsal:
        transport = RehearsalTransport(rehearsal)
        with HTTPExchange(
            root, rehearsal.token, headers=headers, timeout=TIMEOUT, transport=transport
        ) as exchange:
            yield exchange
