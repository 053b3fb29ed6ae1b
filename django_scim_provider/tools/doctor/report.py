"""The report: lines for people, or JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_scim_provider.tools.doctor.checkup import Check, Outcome
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.findings import Finding, Level

WIDTH = 88
_WORDS = {
    Outcome.PASSED: "ok",
    Outcome.FOUND: "warning",
    Outcome.FAILED: "FAILED",
    Outcome.SKIPPED: "skipped",
}
Style = Callable[[str], str]


def check_line(check: Check, outcome: Outcome) -> str:
    """Return the line for one check that was made."""
    return f"  {_WORDS[outcome]:8} {check.title}"


def finding_lines(examination: Examination, styles: Mapping[Level, Style]) -> Iterator[str]:
    """Yield what was found, errors first, and the sum."""
    order = list(Level)
    for finding in sorted(examination.findings, key=lambda one: order.index(one.kind.level)):
        level = finding.kind.level
        yield ""
        yield styles[level](f"{level.upper()} {finding.kind.id}")
        yield from _paragraph(_("Seen"), finding.seen)
        yield from _paragraph(_("To do"), finding.change)
        if finding.request_id is not None:
            yield from _paragraph(_("Request"), finding.request_id)
    yield ""
    yield summary(examination)


def summary(examination: Examination) -> str:
    """Return one line that sums it up."""
    count = dict.fromkeys(Level, 0)
    for finding in examination.findings:
        count[finding.kind.level] += 1
    if not examination.findings:
        return _("Nothing is wrong.")
    errors, warnings, notes = count.values()
    words = (
        ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors},
        ngettext("%(n)d warning", "%(n)d warnings", warnings) % {"n": warnings},
        ngettext("%(n)d note", "%(n)d notes", notes) % {"n": notes},
    )
    return ", ".join(words) + "."


def as_json(examination: Examination, outcomes: dict[str, Outcome], *, interrupted: bool) -> str:
    """Return the report for programs; the ids are stable, the sentences are not."""
    return json.dumps(
        {
            "url": examination.base_url.text,
            "healthy": not examination.errors and not interrupted,
            "interrupted": interrupted,
            "checks": {name: outcome.value for name, outcome in outcomes.items()},
            "findings": [_as_dict(finding) for finding in examination.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def _as_dict(finding: Finding) -> dict[str, str | None]:
    return {
        "id": finding.kind.id,
        "level": finding.kind.level.value,
        "seen": finding.seen,
        "change": finding.change,
        "request_id": finding.request_id,
    }


def _paragraph(label: str, text: str) -> list[str]:
    first, rest = f"  {label + ' ':9}", " " * 11
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
