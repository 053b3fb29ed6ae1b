"""The profiles of the project, and those of the connections in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

from django_scim_provider.checks.entries import did_you_mean, error
from django_scim_provider.conf import SETTING
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.models.connection_profiles import (
    ProfileProblem,
    declaration_problems,
    known_profiles,
    switch_problems,
)


def check_profiles(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``PROFILES``."""
    for name, entry in found.get("PROFILES", {}).items():
        for problem in declaration_problems(name, entry):
            yield _message("E009", f"{SETTING}['PROFILES'][{name!r}]", problem)


def check_profile_of(where: str, entry: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with the profile of an entry of ``DEFAULT_SCIM``."""
    name = entry.get("profile", GENERIC.name)
    if not isinstance(name, str) or name not in known_profiles():
        text = f"there is no profile {name!r}; there are {', '.join(known_profiles())}."
        problem = ProfileProblem(text, str(name), known_profiles())
        yield _message("E005", f"{where}['profile']", problem)
    for problem in switch_problems(entry.get("profile_switches", {})):
        yield _message("E005", f"{where}['profile_switches']", problem)


def _message(number: str, where: str, problem: ProfileProblem) -> CheckMessage:
    hint = did_you_mean(problem.given, {name: name for name in problem.known})
    return error(number, f"{where}: {problem.text}", hint)
