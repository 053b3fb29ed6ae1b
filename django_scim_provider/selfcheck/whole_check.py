"""All checks for all connections that differ, in transactions that are never committed."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import django
from django.conf import settings as django_settings
from django.db import Error
from django.test.utils import override_settings
from django.urls import NoReverseMatch

from django_scim_provider.conf import SETTING, get_settings, raw_settings
from django_scim_provider.connections.base_url import root_path, scim_root_in_process
from django_scim_provider.connections.recordings.rehearsing import (
    TimeIsUp,
    TransactionOver,
    has_ended,
    rehearsed,
)
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import (
    default_profile,
    shown_switches,
    stored_profile,
)
from django_scim_provider.selfcheck.checked_connection import CheckedConnection, raised
from django_scim_provider.selfcheck.of_adapters import answers_of_the_adapter
from django_scim_provider.selfcheck.of_groups import life_of_a_group
from django_scim_provider.selfcheck.of_maps import checks_of_maps
from django_scim_provider.selfcheck.of_profiles import profile_of_the_connection
from django_scim_provider.selfcheck.of_types import declared_checks
from django_scim_provider.selfcheck.of_users import life_of_a_user, uniqueness_of_users
from django_scim_provider.selfcheck.places_of_code import place_of
from django_scim_provider.selfcheck.rehearsed_caller import RehearsedCaller
from django_scim_provider.selfcheck.told_faults import (
    CheckedPart,
    NothingToCheck,
    SelfCheck,
    ToldFault,
    TransactionEnded,
)
from django_scim_provider.tokens.scopes import all_scopes

ORIGIN = "https://selfcheck.invalid"
"""Where requests go where ``BASE_URL`` is not set; over no network."""
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"

ALWAYS = (
    SelfCheck("users", "a user, from creation to deletion", life_of_a_user),
    SelfCheck("adapter", "what the methods of the adapter return", answers_of_the_adapter),
    SelfCheck("uniqueness", "names that somebody else has", uniqueness_of_users),
    SelfCheck("groups", "a group, from creation to deletion", life_of_a_group),
)
PROFILE = SelfCheck("profile", "what the connection's profile tolerates", profile_of_the_connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedKind:
    """A kind of connection that the project has, or the one connection that is meant."""

    profile: str = GENERIC.name
    switches: Mapping[str, bool] = field(default_factory=dict)
    organization_id: str | None = None
    connection: ProviderConnection | None = None
    """Whose requests are tried as those of itself; None: of one that never was."""

    @property
    def label(self) -> str:
        """Return what people call it."""
        changed = ", ".join(f"{name}={'on' if on else 'off'}" for name, on in self.switches.items())
        words = [self.profile, f"({changed})" if changed else ""]
        words.append("of an organization" if self.organization_id is not None else "")
        if self.connection is not None:
            words.insert(0, f"{self.connection.provider_id}:")
        return " ".join(filter(None, words))

    def unsaved(self, run: str, which: str) -> ProviderConnection:
        """Return a connection of the kind that is not stored yet."""
        return ProviderConnection(
            provider_id=f"selfcheck-{run}-{which}",
            name="Self-check",
            organization_id=self.organization_id,
            profile=self.profile,
            profile_switches=dict(self.switches),
        )


def kinds_of_connections(organization_id: str | None = None) -> list[CheckedKind]:
    """Return the kinds of connections that the project has, each once.

    Their profile, their switches, and whether they are an organization's; of the organizations one
    stands for all. Without any connection: the generic profile, for the organization named.
    """
    found: dict[Any, CheckedKind] = {}
    rows = ProviderConnection.objects.using(get_settings().DATABASE).usable()
    described = [(*stored_profile(row), row.organization_id) for row in rows]
    for entry in get_settings().DEFAULT_SCIM:
        described.append((*default_profile(entry), entry.get("organization_id")))
    for profile, switches, organization in described:
        organization = organization if organization_id is None else organization_id
        switches = shown_switches(switches)
        named = json.dumps(dict(switches), sort_keys=True, default=str)
        kind = CheckedKind(profile=profile, switches=switches, organization_id=organization)
        key = (profile, named, organization is not None)
        found.setdefault(key, kind)
    return list(found.values()) or [CheckedKind(organization_id=organization_id)]


def check_project(
    kinds: Iterable[CheckedKind],
    *,
    sample: Mapping[str, Any],
    seconds: float,
    tell: Callable[[CheckedPart], None],
    names: Collection[str] = (),
) -> list[CheckedPart]:
    """Make the checks of these names, or all, and return what became of each; nothing stays.

    The first kind is checked for everything, the others for users and their profile.
    """
    parts: list[CheckedPart] = []
    if (lost := _no_route()) is not None:
        tell(lost)
        return [lost]
    with _quiet_project():
        for number, kind in enumerate(kinds):
            checks = all_checks() if number == 0 else [ALWAYS[0], PROFILE]
            checks = [check for check in checks if not names or check.name in names]
            for part in _checked(kind, checks, sample, seconds):
                parts.append(part)
                tell(part)
    return parts


def _no_route() -> CheckedPart | None:
    """Return what is wrong where no request can reach the app; None where one can."""
    try:
        root_path()
    except NoReverseMatch:
        says = "The URLs of the project lead nowhere to SCIM: include django_scim_provider.urls."
        return CheckedPart("routes", "the way to SCIM", "-", [ToldFault("ROOT_URLCONF", says)])
    return None


def all_checks() -> list[SelfCheck]:
    """Return the checks that the project's settings ask for, in their order."""
    return [*ALWAYS, *declared_checks(), *checks_of_maps(), PROFILE]


def _checked(
    kind: CheckedKind, checks: Iterable[SelfCheck], sample: Mapping[str, Any], seconds: float
) -> Iterator[CheckedPart]:
    """Make the checks of a kind, those that are left in another transaction where one has ended."""
    until, going = time.monotonic() + seconds, _Going(deque(checks))
    while going.left:
        yield from _in_a_transaction(kind, going, sample, until - time.monotonic())


@dataclass(slots=True)
class _Going:
    """What is left of the checks, over all transactions that it takes."""

    left: deque[SelfCheck]
    told: set[tuple[str, str]] = field(default_factory=set)
    has_neighbour: bool = True
    """Can somebody be made whom no request is about?"""


def _in_a_transaction(
    kind: CheckedKind, going: _Going, sample: Mapping[str, Any], seconds: float
) -> Iterator[CheckedPart]:
    run, root = secrets.token_hex(3), scim_root_in_process(ORIGIN)
    scopes = frozenset(all_scopes())
    own, other = kind.connection or kind.unsaved(run, "own"), kind.unsaved(run, "other")
    with (
        rehearsed(own, root, seconds=seconds, scopes=scopes) as rehearsal,
        rehearsed(other, root, seconds=seconds, scopes=scopes) as beside,
    ):
        checked = CheckedConnection(
            connection=own,
            caller=RehearsedCaller(rehearsal, root, own.provider_id),
            neighbour=RehearsedCaller(beside, root, other.provider_id),
            run=run,
            sample=sample,
        )
        # Somebody whom no request is about, also where the project has nobody yet.
        try:
            if going.has_neighbour:
                checked.neighbour.send("POST", "/Users", checked.user())
        except TimeIsUp:
            pass
        except TransactionOver:
            going.has_neighbour = False
            return
        goes_on = True
        while going.left and goes_on:
            check = going.left.popleft()
            part = CheckedPart(check.name, check.about, kind.label)
            goes_on = _make(check, part, checked, going.told)
            yield part


def _make(
    check: SelfCheck, part: CheckedPart, checked: CheckedConnection, told: set[tuple[str, str]]
) -> bool:
    """Make a check, and tell whether another one can be made after it in the transaction.

    What an earlier one told is not told again.
    """

    def note(fault: ToldFault) -> None:
        if fault.key not in told:
            told.add(fault.key)
            part.faults.append(fault)
        elif fault.key not in {each.key for each in part.faults}:
            part.skipped = "it fails as a check before it does"

    try:
        for fault in check.find(checked):
            note(fault)
    except NothingToCheck as reason:
        part.skipped = str(reason)
    except TransactionEnded as error:
        note(error.fault)
        return False
    except TimeIsUp:
        note(ToldFault("--timeout", "The time was up before the checks ended."))
    except (TransactionOver, Error) as error:
        if isinstance(error, Error) and not has_ended(checked.using):
            raise  # what the database refuses outside of a request leaves nothing to go on with
        says = "The database ended the transaction of the checks: the rest of this one is not made."
        note(ToldFault(place_of(error.__cause__ or error), says))
        return False
    except Exception as error:
        note(raised(f"The check {check.name}", error))
    return True


@contextmanager
def _quiet_project() -> Iterator[None]:
    """Let nothing of the checks be sent, counted or logged."""
    rates = dict.fromkeys(("connection", "discovery", "failed_authentication"))
    changed: dict[str, Any] = {
        SETTING: {**raw_settings(), "THROTTLE_RATES": rates},
        "ALLOWED_HOSTS": ["*"],
    }
    if django.VERSION >= (6, 1) and hasattr(django_settings, "MAILERS"):
        changed["MAILERS"] = {alias: {"BACKEND": NO_MAIL} for alias in django_settings.MAILERS}
    else:
        changed["EMAIL_BACKEND"] = NO_MAIL
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with override_settings(**changed):
            yield
    finally:
        logging.disable(level)
