"""What runs found, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.run_pages.run_forms import has_tools
from django_scim_provider.models import CheckRun
from django_scim_provider.models.upkeep.check_runs import UNDER_WAY

if TYPE_CHECKING:
    from django_scim_provider.tools.doctor.kinds import Kind

PROBLEMS = {
    "start": _("It could not be started. The log of the project says why."),
    "time": _("It took longer than it may. What it found until then is shown."),
    "ended": _("The database ended its transaction. What it found until then is shown."),
    "fault": _("The project failed in it. The log of the project says why."),
}
LOST = _(
    "Nothing was heard of it for two minutes: its process has ended, as with a restart. Start it "
    "again."
)
LEVELS = {"error": _("Error"), "warning": _("Warning"), "note": _("Note")}
RESULTS = {
    "passed": _("passed"),
    "found": _("passed, with a remark"),
    "failed": _("failed"),
    "skipped": _("left out"),
}
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the doctor found."""

    level: str
    title: Any
    seen: str
    change: str
    request_id: str


@dataclass(slots=True)
class RunRow:
    """A run as the page shows it."""

    run: CheckRun
    summary: str = ""
    problem: Any = ""
    is_good: bool | None = None
    """None while nobody knows."""
    remarks: list[Remark] = field(default_factory=list)
    checks: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def is_under_way(self) -> bool:
        """Tell whether the run has not ended."""
        return self.run.state in UNDER_WAY

    @property
    def percent(self) -> int | None:
        """Return how far a run is, where that is known."""
        return min(100, self.run.done * 100 // self.run.total) if self.run.total else None


def row_of(run: CheckRun) -> RunRow:
    """Return a run in words of the reader's language."""
    row = RunRow(run)
    if run.state in UNDER_WAY:
        row.summary = progress_text(run)
        return row
    if run.state == CheckRun.State.LOST:
        row.problem = LOST
        return row
    row.problem = PROBLEMS.get(run.problem, "")
    _TELLERS[run.kind](row, run.found or {})
    row.is_good = bool(row.is_good) and not row.problem
    return row


def progress_text(run: CheckRun) -> str:
    """Return how far a run is."""
    if run.state == CheckRun.State.WAITING:
        return gettext("It begins as soon as a worker of the project is free.")
    if not run.total:
        return gettext("It is about to begin.")
    return gettext("%(done)s of %(total)s") % {"done": run.done, "total": run.total}


def _doctor(row: RunRow, found: dict[str, Any]) -> None:
    kinds = kinds_by_id() if has_tools() else {}
    for each in found.get("findings", ()):
        kind = kinds.get(each["kind"])
        if kind is None:  # one of another release
            row.remarks.append(Remark("note", each["kind"], "", "", each["request_id"]))
            continue
        level = kind.level.value
        seen, change = (str(text) % each["values"] for text in (kind.seen, kind.change))
        row.remarks.append(Remark(level, LEVELS[level], seen, change, each["request_id"]))
    row.remarks.sort(key=lambda each: _ORDER[each.level])
    row.checks = [
        (_title_of(name), RESULTS.get(result, result))
        for name, result in found.get("checks", {}).items()
    ]
    errors = sum(each.level == "error" for each in row.remarks)
    row.is_good = not errors
    row.summary = (
        gettext("%(errors)s errors, %(others)s remarks.")
        % {"errors": errors, "others": len(row.remarks) - errors}
        if row.remarks
        else gettext("Nothing is wrong.")
    )


def _simulator(row: RunRow, found: dict[str, Any]) -> None:
    failed = found.get("failed", 0)
    row.is_good = not failed and not found.get("stopped")
    numbers = {"requests": found.get("requests", 0), "failed": failed}
    row.summary = (
        gettext("%(requests)s requests, all answered as the identity provider needs it.")
        if row.is_good
        else gettext("%(requests)s requests; %(failed)s were not answered as it needs them.")
    ) % numbers


def _drift(row: RunRow, found: dict[str, Any]) -> None:
    row.is_good = not found.get("differing")
    row.summary = gettext("%(compared)s compared, %(differing)s differ.") % {
        "compared": found.get("compared", 0),
        "differing": found.get("differing", 0),
    }


_TELLERS = {
    CheckRun.Kind.DOCTOR.value: _doctor,
    CheckRun.Kind.SIMULATOR.value: _simulator,
    CheckRun.Kind.DRIFT.value: _drift,
}


@cache
def kinds_by_id() -> dict[str, Kind]:
    """Return all that the doctor can find; it needs the extra ``tools``."""
    from django_scim_provider.tools import doctor
    from django_scim_provider.tools.doctor.kinds import Kind

    modules = [
        import_module(found.name) for found in walk_packages(doctor.__path__, f"{doctor.__name__}.")
    ]
    kinds = (each for module in modules for each in vars(module).values())
    return {kind.id: kind for kind in kinds if isinstance(kind, Kind)}


def _title_of(name: str) -> Any:
    if not has_tools():
        return name
    from django_scim_provider.tools.doctor.checkup import CHECKS

    return next((check.title for check in CHECKS if check.name == name), name)
