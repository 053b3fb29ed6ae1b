"""The checks in their order: what later ones build on comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import NoAnswer, Throttled
from django_scim_provider.tools.doctor import transport
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import (
    authorization,
    behaviour,
    clock,
    connection,
    discovery,
    media_types,
    prefix,
    probe_user,
)


class CheckResult(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    """It found nothing."""
    FOUND = "found"
    """It found something, but no error."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be made because of what an earlier one found, or was not asked for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the examination."""

    name: str
    title: object
    run: Callable[[Examination], None]
    opens: bool = False
    """Does nothing after it make sense where it fails?"""


PROBE = Check("probe-user", _("probe user: made, changed, removed"), probe_user.check_probe_user)
CHECKS = (
    Check("connection", _("connection and TLS"), connection.check_connection, opens=True),
    Check("clock", _("clock"), clock.check_clock),
    Check("redirects", _("redirects"), prefix.check_redirects, opens=True),
    Check("prefix", _("path of the SCIM root"), prefix.check_prefix, opens=True),
    Check("authorization", _("token"), authorization.check_authorization, opens=True),
    Check("slashes", _("slashes"), prefix.check_slashes),
    Check("media-types", _("media types"), media_types.check_media_types),
    Check("discovery", _("discovery"), discovery.check_discovery),
    Check("behaviour", _("what discovery promises"), behaviour.check_behaviour),
    PROBE,
)


def check_up(
    examination: Examination,
    *,
    write: bool = True,
    tell: Callable[[Check, CheckResult], None] = lambda check, result: None,
) -> dict[str, CheckResult]:
    """Make all checks and return what became of each, by name.

    ``write`` makes the probe user; ``tell`` is called after each check.

    Raises:
        KeyboardInterrupt: a signal came; the probe user is gone by then.
    """
    results: dict[str, CheckResult] = {}
    over = False
    for check in CHECKS:
        if over or (check is PROBE and not write):
            results[check.name] = CheckResult.SKIPPED
        else:
            results[check.name], over = _make(check, examination)
        tell(check, results[check.name])
    return results


def _make(check: Check, examination: Examination) -> tuple[CheckResult, bool]:
    """Make one check; return what became of it, and whether it ends the examination."""
    known, errors, over = len(examination.findings), examination.errors, False
    try:
        check.run(examination)
    except Throttled:
        over = True
    except NoAnswer as error:
        over = check.opens
        examination.add(transport.failure(error, examination.exchange.timeout))
    over = over or (check.opens and examination.errors > errors)
    for finding in examination.throttled:  # what was waited for does not end it
        examination.add(finding)
    if examination.errors > errors:
        return CheckResult.FAILED, over
    return (CheckResult.FOUND if len(examination.findings) > known else CheckResult.PASSED), over
