"""The checks in their order: what later ones build on comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.doctor import diagnosis, transport
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import (
    authorization,
    behaviour,
    clean_up,
    clock,
    connection,
    discovery,
    etags,
    locations,
    media_types,
    prefix,
    probe_user,
    redirects,
    throttle,
    token_state,
)
from django_scim_provider.tools.doctor.findings import Kind, NoAnswer, Throttled

SUBJECTS: tuple[ModuleType, ...] = (
    connection,
    transport,
    redirects,
    prefix,
    diagnosis,
    authorization,
    token_state,
    throttle,
    media_types,
    clock,
    discovery,
    locations,
    behaviour,
    probe_user,
    etags,
    clean_up,
)
KINDS: dict[str, Kind] = {
    kind.id: kind for module in SUBJECTS for kind in vars(module).values() if isinstance(kind, Kind)
}
"""All that can be found, by id."""


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    """It found nothing."""
    FOUND = "found"
    """It found something that is not an error."""
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
    tell: Callable[[Check, Outcome], None] = lambda check, outcome: None,
) -> dict[str, Outcome]:
    """Make all checks and return how each ended, by name.

    ``write`` makes the probe user; ``tell`` is called after each check.

    Raises:
        KeyboardInterrupt: a signal came; the probe user is gone by then.
    """
    outcomes: dict[str, Outcome] = {}
    over = False
    for check in CHECKS:
        if over or (check is PROBE and not write):
            outcomes[check.name] = Outcome.SKIPPED
        else:
            outcomes[check.name], over = _make(check, examination)
        tell(check, outcomes[check.name])
    return outcomes


def _make(check: Check, examination: Examination) -> tuple[Outcome, bool]:
    """Make one check; return how it ended, and whether it ends the examination."""
    known, errors, over = len(examination.findings), examination.errors, False
    try:
        check.run(examination)
    except NoAnswer as error:
        over = isinstance(error, Throttled) or check.opens
        examination.add(error.finding)
    over = over or (check.opens and examination.errors > errors)
    for finding in examination.exchange.throttled:  # what was waited for does not end it
        examination.add(finding)
    if examination.errors > errors:
        return Outcome.FAILED, over
    return (Outcome.FOUND if len(examination.findings) > known else Outcome.PASSED), over
