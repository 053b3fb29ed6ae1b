"""The table of profiles and switches, from the profiles themselves."""

from __future__ import annotations

from collections.abc import Iterator

from django_scim_provider.core.profiles import GENERIC_PRODUCTS, PROFILES, SWITCHES

ON = "on"
OF_NOBODY = {"generic": "any", "strict": "none: every deviation from the RFCs is an error"}


def table() -> list[str]:
    """Return the lines of a table: a row for each switch, a column for each profile."""
    return list(_lines())


def names() -> list[str]:
    """Return the lines of a table of the names of profiles, and whose they are."""
    rows = [(name, OF_NOBODY.get(name, profile.title)) for name, profile in PROFILES.items()]
    rows += [
        (name, f"{title}; the switches of ``generic``") for name, title in GENERIC_PRODUCTS.items()
    ]
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - Name", "     - Identity provider"]
    for name, title in rows:
        lines += [f"   * - ``{name}``", f"     - {title}"]
    return [*lines, ""]


def _lines() -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "   :stub-columns: 1", "")
    yield "   * - Switch"
    yield from (f"     - ``{name}``" for name in PROFILES)
    for switch in SWITCHES:
        yield f"   * - ``{switch}``"
        yield from (f"     - {ON if is_on else ''}" for is_on in columns(switch))
    yield ""


def columns(switch: str) -> list[bool]:
    """Return in which profiles a switch is on, in their order."""
    return [profile.switches()[switch] for profile in PROFILES.values()]
