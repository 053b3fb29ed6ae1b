"""The budget of a PATCH: what its operations may look at together."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import TooMany
from django_scim_provider.core.messages import parse_patch_request
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.validation.limits import WriteLimits
from tests.core.test_patch_costs import emails, stored
from tests.core.test_patching import op
from tests.costs import peak_bytes, steps

OPEN = WriteLimits(max_patch_operations=10**6, max_patch_steps=5_000)


def apply(
    resource: Resource, operations: list[dict[str, Any]], limits: WriteLimits = OPEN
) -> Resource:
    parsed = parse_patch_request({"Operations": operations}, GENERIC, limits)
    return apply_patch(resource, parsed, USER, GENERIC, limits)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(op("replace", 'emails[value eq "no@x.example"].type', "x"), id="filter"),
        pytest.param(op("replace", 'emails[value co "@"].type', "x"), id="many-picked"),
        pytest.param(op("remove", 'emails[value co "#"]'), id="remove"),
        pytest.param(op("replace", "emails.type", "x"), id="every-value"),
        pytest.param(op("remove", "emails", emails(1, 9_999)), id="listed"),
        pytest.param(
            op("remove", "emails[" + " or ".join(['value co "#"'] * 64) + "]"), id="64-terms"
        ),
    ],
)
def test_operations_times_values_are_capped(operation: dict[str, Any]) -> None:
    # As many steps are taken of 200 values by 1,000 operations as of 100 values by 2,000.
    few, many = stored(100), stored(200)
    spent = []
    for resource, number in ((few, 2_000), (many, 1_000)):
        parsed = parse_patch_request({"Operations": [operation] * number}, GENERIC, OPEN)

        def run(resource: Resource = resource, parsed: Any = parsed) -> None:
            with pytest.raises(TooMany, match="MAX_PATCH_STEPS"):
                apply_patch(resource, parsed, USER, GENERIC, OPEN)

        spent.append(steps(run))

    assert max(spent) < 40 * OPEN.max_patch_steps


def test_a_long_text_is_not_written_to_every_value() -> None:
    operation = op("replace", "emails.display", "x" * 500_000)

    def run() -> None:
        with pytest.raises(TooMany, match="MAX_PATCH_STEPS"):
            apply(stored(1000), [operation])

    assert peak_bytes(run) < 20_000_000


def test_a_long_text_is_not_searched_again_and_again() -> None:
    resource = stored(1)
    resource["emails"][0]["display"] = "x" * 500_000
    operations = [op("remove", f'emails[display co "{n}"]') for n in range(1000)]

    with pytest.raises(TooMany, match="MAX_PATCH_STEPS"):
        apply(resource, operations)


def test_keys_of_a_value_count_as_operations() -> None:
    value = {f'emails[value eq "{n}"].type': "x" for n in range(11)}
    limits = WriteLimits(max_patch_operations=10)

    with pytest.raises(TooMany, match=r"at most 10 operations.*MAX_PATCH_OPERATIONS"):
        apply(stored(1), [op("replace", None, value)], limits)
    with pytest.raises(TooMany, match="at most 10 operations"):
        parse_patch_request({"Operations": [op("add", "title", "x")] * 11}, GENERIC, limits)
