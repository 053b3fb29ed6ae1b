"""The report of an examination: lines for people, or a dict for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console

from django_scim_provider.tools.doctor.checkup import Check, CheckResult
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Diagnosis, Level
from django_scim_provider.tools.report import write, write_paragraph

_WORDS = {
    CheckResult.PASSED: "ok",
    CheckResult.FOUND: "warning",
    CheckResult.FAILED: "FAILED",
    CheckResult.SKIPPED: "skipped",
}
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "red"}


def print_check(console: Console, check: Check, result: CheckResult) -> None:
    """Print the line of one check that was made."""
    write(console, f"  {_WORDS[result]:8} {check.title}")


def print_findings(console: Console, examination: Examination) -> None:
    """Print what was found, errors first, and the sum."""
    order = list(Level)
    for finding in sorted(examination.findings, key=lambda one: order.index(one.kind.level)):
        level = finding.kind.level
        write(console, f"\n{level.upper()} {finding.kind.id}", _STYLES[level])
        write_paragraph(console, _("Seen"), finding.seen)
        write_paragraph(console, _("To do"), finding.change)
        if finding.request_id is not None:
            write_paragraph(console, _("Request"), finding.request_id)
    write(console, f"\n{summary(examination)}")


def summary(examination: Examination) -> str:
    """Return one line that says how it stands."""
    if not examination.findings:
        return _("Nothing is wrong.")
    levels = [finding.kind.level for finding in examination.findings]
    errors, warnings, notes = (levels.count(level) for level in Level)
    words = (
        ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors},
        ngettext("%(n)d warning", "%(n)d warnings", warnings) % {"n": warnings},
        ngettext("%(n)d note", "%(n)d notes", notes) % {"n": notes},
    )
    return ", ".join(words) + "."


def as_dict(
    examination: Examination, results: Mapping[str, CheckResult], *, interrupted: bool
) -> dict[str, Any]:
    """Return the report for programs; the ids are stable, the sentences are not."""
    return {
        "url": examination.base_url.text,
        "healthy": not examination.errors and not interrupted,
        "interrupted": interrupted,
        "checks": {name: result.value for name, result in results.items()},
        "findings": [_as_dict(finding) for finding in examination.findings],
    }


def _as_dict(finding: Diagnosis) -> dict[str, str | None]:
    return {
        "id": finding.kind.id,
        "level": finding.kind.level.value,
        "seen": finding.seen,
        "change": finding.change,
        "request_id": finding.request_id,
    }
