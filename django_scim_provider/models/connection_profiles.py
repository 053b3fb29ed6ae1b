"""The profile of a connection: one that is shipped or that the project declares, and its switches.

Rows and settings hold a name and single switches; each request asks here what they stand for, so
that a change counts from the next request on, in every process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import SETTING, get_settings, until_settings_change
from django_scim_provider.core.profiles import (
    GENERIC,
    GENERIC_PRODUCTS,
    PROFILES,
    STRICT,
    SWITCHES,
    Profile,
)

MAX_NAME_LENGTH = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_OWN_KEYS = ("base", "title")
"""What a declaration may hold beside switches."""


class UnknownProfile(ImproperlyConfigured):
    """A connection has a profile or a switch that does not exist; the text holds nobody's data."""


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """What is wrong with a declared profile, and where it can be, what was meant by ``given``."""

    text: str
    given: str = ""
    known: Iterable[str] = ()


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, and of products that use the generic one."""
    return (*PROFILES, *GENERIC_PRODUCTS)


@until_settings_change
def known_profiles() -> Mapping[str, Profile]:
    """Return the profiles that a connection may have, by name.

    A declaration with a problem, which a system check tells of, declares nothing.
    """
    found = {**PROFILES, **dict.fromkeys(GENERIC_PRODUCTS, GENERIC)}
    declared = {
        name: _declared(name, entry, found[entry.get("base", GENERIC.name)])
        for name, entry in get_settings().PROFILES.items()
        if not any(declaration_problems(name, entry))
    }
    return MappingProxyType(found | declared)


def _declared(name: str, entry: Mapping[str, Any], base: Profile) -> Profile:
    switches = {key: value for key, value in entry.items() if key not in _OWN_KEYS}
    return replace(base, name=name, title=entry.get("title", name), **switches)


def declaration_problems(name: Any, entry: Any) -> Iterator[ProfileProblem]:
    """Yield what is wrong with one item of ``PROFILES``."""
    if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        yield ProfileProblem(
            f"its name must have at most {MAX_NAME_LENGTH} lower-case letters, digits, hyphens and "
            "underscores, the first of them no hyphen and no underscore."
        )
    elif name in shipped_names():
        yield ProfileProblem(
            "there is a shipped profile of that name; choose another, and name a base."
        )
    if not isinstance(entry, dict):
        yield ProfileProblem("it must be a dict.")
        return
    base = entry.get("base", GENERIC.name)
    if base not in shipped_names():
        yield ProfileProblem(f"there is no shipped profile {base!r}.", str(base), shipped_names())
    title = entry.get("title", "none")
    if not isinstance(title, str) or not title.strip():
        yield ProfileProblem("['title'] must be a text.")
    switches = {key: value for key, value in entry.items() if key not in _OWN_KEYS}
    yield from switch_problems(switches, known=(*_OWN_KEYS, *SWITCHES))


def switch_problems(switches: Any, *, known: Iterable[str] = SWITCHES) -> Iterator[ProfileProblem]:
    """Yield what is wrong with switches that are to be on or off; ``known`` are spelt as meant."""
    if not isinstance(switches, dict):
        yield ProfileProblem("the switches must be a dict.")
        return
    for name, value in switches.items():
        if name not in SWITCHES:
            yield ProfileProblem(f"there is no switch {name!r}.", str(name), known)
        elif not isinstance(value, bool):
            yield ProfileProblem(f"[{name!r}] must be True or False.")


def profile_in_force(name: str, switches: Mapping[str, bool]) -> Profile:
    """Return the profile of that name with its switches on or off as a connection has them.

    Raises:
        UnknownProfile: there is no profile of that name, or one of the switches does not exist.
    """
    profile = known_profiles().get(name)
    if profile is None:
        raise UnknownProfile(
            f"The profile {name!r} is neither shipped nor declared in {SETTING}['PROFILES']."
        )
    if switches == {}:  # and not []: what is no dict is told below
        return profile
    for problem in switch_problems(switches):
        raise UnknownProfile(f"Of the switches of the connection, {problem.text}")
    return _switched(profile, frozenset(switches.items()))


@cache  # the checks of bodies are compiled once for each profile, so there must be one of each
def _switched(profile: Profile, switches: frozenset[tuple[str, bool]]) -> Profile:
    return profile.with_switches(dict(switches))


def stored_profile(connection: Any) -> tuple[str, Mapping[str, bool]]:
    """Return the name and switches of a ``ProviderConnection``; those in the settings win."""
    for entry in get_settings().DEFAULT_SCIM:
        if entry["provider_id"] == connection.provider_id:
            return default_profile(entry)
    return connection.profile, connection.profile_switches


def shown_switches(switches: Any) -> Mapping[str, Any]:
    """Return stored switches by name, for people; none where no dict is stored.

    Only code of the project that validates nothing stores such; ``profile_problem`` tells.
    """
    return switches if isinstance(switches, Mapping) else {}


def is_from_settings(provider_id: str) -> bool:
    """Tell whether ``DEFAULT_SCIM`` has the connection, and so its profile and switches."""
    return any(entry["provider_id"] == provider_id for entry in get_settings().DEFAULT_SCIM)


def default_profile(entry: Mapping[str, Any]) -> tuple[str, Mapping[str, bool]]:
    """Return the name and switches of an entry of ``DEFAULT_SCIM``."""
    return entry.get("profile", GENERIC.name), entry.get("profile_switches") or {}


def profile_problem(name: str, switches: Mapping[str, bool]) -> str | None:
    """Return why requests of a connection with this profile fail; None where they do not."""
    try:
        profile_in_force(name, switches)
    except UnknownProfile as error:
        return str(error)
    return None


def shipped_name_of(name: str) -> str:
    """Return the shipped profile or product that a profile is, or is declared over."""
    if name in shipped_names() or name not in known_profiles():
        return name
    base: str = get_settings().PROFILES[name].get("base", GENERIC.name)
    return base


def profile_titles() -> Mapping[str, Any]:
    """Return what people call the products of profiles, by the profiles' names."""
    titles = {name: profile.title for name, profile in known_profiles().items()}
    return {**titles, **GENERIC_PRODUCTS, GENERIC.name: _("Any identity provider")}


def profile_choices() -> list[tuple[str, Any]]:
    """Return the names and what people call them: for all, products, the project's, none."""
    products: list[tuple[str, Any]] = [
        (profile.name, profile.title)
        for profile in PROFILES.values()
        if profile not in (GENERIC, STRICT)
    ]
    generic = _("{product} (uses the generic profile)")
    products += [
        (name, format_lazy(generic, product=title)) for name, title in GENERIC_PRODUCTS.items()
    ]
    declared = [
        (profile.name, profile.title)
        for name, profile in known_profiles().items()
        if name not in shipped_names()
    ]
    return [
        (GENERIC.name, _("Generic, for every identity provider")),
        *sorted(products, key=lambda choice: str(choice[1]).casefold()),
        *declared,
        (STRICT.name, _("Strict, the RFCs to the letter")),
    ]


def validate_profile(name: Any) -> None:
    """Refuse the name of a profile that does not exist.

    Raises:
        ValidationError: it names none.
    """
    if not isinstance(name, str) or name not in known_profiles():
        raise ValidationError(
            _("There is no profile %(name)s; the profiles are %(known)s."),
            code="invalid",
            params={"name": name, "known": ", ".join(known_profiles())},
        )


def validate_switches(switches: Any) -> None:
    """Refuse what is no dict of switches that are on or off.

    Raises:
        ValidationError: it says what is wrong first.
    """
    if not isinstance(switches, dict):
        raise ValidationError(_("Switches must be names with true or false."), code="invalid")
    for name, value in switches.items():
        if name not in SWITCHES:
            raise ValidationError(
                _("There is no switch %(name)s; the switches are %(known)s."),
                code="invalid",
                params={"name": name, "known": ", ".join(SWITCHES)},
            )
        if not isinstance(value, bool):
            raise ValidationError(
                _("The switch %(name)s must be true or false."),
                code="invalid",
                params={"name": name},
            )


def profile_fields(profile: str | None, switches: Mapping[str, bool] | None) -> dict[str, Any]:
    """Return the fields of a ``ProviderConnection`` that are asked for; None asks for nothing.

    Raises:
        ValidationError: there is no such profile or switch.
    """
    found: dict[str, Any] = {}
    if profile is not None:
        validate_profile(profile)
        found["profile"] = profile
    if switches is not None:
        validate_switches(switches)
        found["profile_switches"] = dict(switches)
    return found
