"""What the guide of an identity provider shows: fields to fill in, attributes, switches.

The same data are the instructions on the pages of the admin and of the portal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from settings_reference import docstrings
from written import literal, plain, table

from django_scim_provider.connections.instructions import INSTRUCTIONS, LONG, Field, Paste
from django_scim_provider.connections.products.attribute_maps import (
    attribute_map,
    attribute_note,
)
from django_scim_provider.connections.products.meanings import meaning_of
from django_scim_provider.core.profiles import GENERIC, PROFILES, Profile
from django_scim_provider.tools.simulator.providers import PROVIDERS

PASTED = {
    Paste.BASE_URL: "the address, such as ``https://app.example.com/scim/v2``",
    Paste.TOKEN: "the token",
}
ONLY_BY_HAND = "``scim_simulate`` does not play it: try one person, and watch the set-up page."


def connection(vendor: str) -> list[str]:
    """Return where address and token come from."""
    product = INSTRUCTIONS[vendor].product
    return [
        "You also need the **address** of the SCIM root and a **token**. Where the application has"
        " pages for its customers (:doc:`/how-to/give-organizations-their-own-pages`), you make the"
        f" token there: choose {product}. Otherwise its operator gives you both, made in the admin"
        f" with the profile ``{vendor}``, or by",
        "",
        ".. code-block:: console",
        "",
        f"    $ python manage.py scim_generate_token acme --profile {vendor}",
        "",
    ]


def fields(vendor: str) -> list[str]:
    """Return the steps in the screens of an identity provider, with each field and its value."""
    return list(_steps(vendor))


def _steps(vendor: str) -> Iterator[str]:
    found = INSTRUCTIONS[vendor]
    yield from (f"#. {plain(found.where)}", "", "#. Fill in:", "")
    rows = [(plain(field.label), _value(field)) for field in found.fields]
    yield from (f"   {line}" for line in table(("Field", "Value"), rows, "40 60"))
    for field in found.fields:
        if isinstance(field.value, str) and len(field.value) > LONG and field.value[0] == "{":
            yield from (f"   *{field.label}*:", "", "   .. code-block:: json", "")
            pretty = json.dumps(json.loads(field.value), indent=2)
            yield from (f"      {line}" for line in pretty.splitlines())
            yield ""
    for step in (found.then, *found.more):
        yield from (f"#. {plain(step)}", "")
    yield from (f"Source of the screens: `{found.product} <{found.source}>`__.", "")


def _value(field: Field) -> str:
    if isinstance(field.value, Paste):
        return PASTED[field.value]
    is_shown_below = len(field.value) > LONG and field.value.startswith("{")
    return "the text below" if is_shown_below else plain(field.value)


def attributes(vendor: str) -> list[str]:
    """Return the attributes that it sends as it comes, and what becomes of each."""
    product = INSTRUCTIONS[vendor].product
    rows = [
        (
            literal(line.source) if isinstance(line.source, str) else plain(line.source),
            literal(line.target),
            plain(meaning_of(line.target)),
        )
        for line in attribute_map(vendor)
    ]
    lines = table((product, "SCIM", "In your project"), rows, "30 34 36")
    note = attribute_note(vendor)
    return [*lines, *([plain(note), ""] if note else [])]


def switches(vendor: str) -> list[str]:
    """Return what the profile of the vendor has on beyond ``generic``, or that it has nothing."""
    profile = PROFILES.get(vendor, GENERIC)
    own = [name for name, on in profile.switches().items() if on != GENERIC.switches()[name]]
    if not own:
        return [
            f"The profile ``{vendor}`` has the switches of ``generic``"
            " (:doc:`/reference/profiles`): nothing is known of what it sends that would need"
            " another one.",
            "",
        ]
    said = docstrings(Profile)
    lines = [f"The profile ``{vendor}`` has these switches beyond those of ``generic``:", ""]
    for name in own:
        lines += [f"``{name}``", *(f"    {line}" for line in said[name].splitlines()), ""]
    return lines


def rehearsal(vendor: str) -> list[str]:
    """Return how to play the product before a customer connects it."""
    if vendor not in PROVIDERS:
        return [ONLY_BY_HAND, ""]
    return [
        ".. code-block:: console",
        "",
        f"    $ python manage.py scim_generate_token rehearsal --profile {vendor} > token",
        f"    $ python manage.py scim_simulate {vendor} https://your-host/scim/v2 --token-stdin \\",
        "        --users 20 --groups 3 --cleanup < token",
        "    $ python manage.py scim_revoke_token rehearsal --all",
        "",
    ]
