"""The clocks: of the server, of the application, and of this machine."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Kind

TOLERANCE = 60.0
"""Seconds; what NTP keeps is well within it, and so is a slow answer."""
SERVER = Kind(
    "clock-off",
    _("The server's clock (the Date of its answers) is %(seconds)s seconds %(direction)s."),
    _(
        "Turn time synchronisation on (chrony, systemd-timesyncd) on the server, or on this "
        "machine if its own clock is wrong: tokens and cursors expire by the clock."
    ),
)
APPLICATION = Kind(
    "application-clock-off",
    _("The %(attribute)s of a new user is %(seconds)s seconds %(direction)s."),
    _(
        "Turn time synchronisation on where the application runs. An offset of whole hours "
        "points to a time zone setting: "
        "check USE_TZ and TIME_ZONE, of Django and of the database."
    ),
)
AHEAD = _("ahead of this machine's")
BEHIND = _("behind this machine's")


def check_clock(examination: Examination) -> None:
    """Compare the ``Date`` of all answers so far with the time that they came in."""
    skews = examination.skews
    if skews and abs(skew := median(skews)) > TOLERANCE:
        examination.note(SERVER, None, **_told(skew))


def check_stamp(
    examination: Examination, answer: HTTPAnswer, attribute: str, at: datetime | None
) -> None:
    """Compare a time that the application has just written with the time of the request."""
    if at is None:
        return
    early = (at - answer.sent_at).total_seconds()
    late = (at - answer.received_at).total_seconds()
    skew = early if early < 0 else max(late, 0.0)
    if abs(skew) > TOLERANCE:
        examination.note(APPLICATION, answer, attribute=attribute, **_told(skew))


def _told(skew: float) -> dict[str, object]:
    return {"seconds": round(abs(skew)), "direction": AHEAD if skew > 0 else BEHIND}
