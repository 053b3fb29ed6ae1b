"""Keys of objects that are paths: what they become, and which contradict each other."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidPath, InvalidSyntax, InvalidValue, SCIMError
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC, STRICT, Profile
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.core.validation.left_out import LeftOut
from tests.core.test_names import CORE, ENTERPRISE, STAFF, TWICE
from tests.costs import steps

WORK, HOME = 'emails[type eq "work"]', 'emails[type eq "home"]'


def posted(keys: Resource, profile: Profile = GENERIC) -> Resource:
    body = {"schemas": [CORE], "userName": "ann", **keys}
    return clean(body, TWICE, profile, context="create")


def patched(keys: Resource, profile: Profile = GENERIC) -> Resource:
    before: Resource = {"schemas": [CORE], "userName": "ann"}
    return apply_patch(before, [PatchOperation(op="add", value=keys)], TWICE, profile)


WRITES = [posted, patched]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("keys", "name", "expected"),
    [
        pytest.param(
            {"name": {"familyName": "B"}, "name.givenName": "A"},
            "name",
            {"familyName": "B", "givenName": "A"},
            id="nested-and-dotted",
        ),
        pytest.param(
            {f"{WORK}.value": "a@x", f"{WORK}.display": "A", f"{HOME}.value": "b@x"},
            "emails",
            [
                {"type": "work", "value": "a@x", "display": "A"},
                {"type": "home", "value": "b@x"},
            ],
            id="one-value-for-each-filter",
        ),
        pytest.param(
            {f"{WORK}.display": "A", WORK: {"value": "a@x"}},
            "emails",
            [{"type": "work", "value": "a@x", "display": "A"}],
            id="whole-value-and-a-part-of-it",
        ),
        pytest.param(
            {"emails.value": "a@x", "emails.type": "work"},
            "emails",
            [{"value": "a@x", "type": "work"}],
            id="no-filter",
        ),
        pytest.param({WORK: "a@x"}, "emails", [{"type": "work", "value": "a@x"}], id="text"),
        pytest.param({f"{CORE.upper()}:title": "T"}, "title", "T", id="qualified-in-any-case"),
        pytest.param(
            {f"{ENTERPRISE}:manager.value": "m", ENTERPRISE: {"department": "d"}},
            ENTERPRISE,
            {"manager": {"value": "m"}, "department": "d"},
            id="block-and-qualified",
        ),
        pytest.param(
            {ENTERPRISE: {"manager.value": "m", "DEPARTMENT": "d"}},
            ENTERPRISE,
            {"manager": {"value": "m"}, "department": "d"},
            id="dotted-in-the-block",
        ),
        pytest.param(
            {STAFF.id: {'tags[value eq "b"]': "b"}, f'{STAFF.id}:tags[value eq "c"]': "c"},
            STAFF.id,
            {"tags": ["b", "c"]},
            id="filter-in-the-block",
        ),
        pytest.param({"tags.value": ["a"]}, STAFF.id, {"tags": ["a"]}, id="value-of-plain-values"),
        pytest.param({ENTERPRISE: {}, "manager": "m"}, ENTERPRISE, {"manager": {"value": "m"}}),
        pytest.param(
            {f"{ENTERPRISE}:manager.displayName": "M", "manager.value": "m"},
            ENTERPRISE,
            {"manager": {"value": "m"}},
            id="read-only-part",
        ),
        pytest.param({CORE: {"manager": "m"}}, ENTERPRISE, None, id="not-of-the-core"),
        pytest.param({"groups.value": "g", "meta.created": "now"}, "groups", None, id="read-only"),
    ],
)
def test_keys_become(write: Any, keys: Resource, name: str, expected: Any) -> None:
    assert write(keys).get(name) == expected


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("keys", "named", "spellings"),
    [
        ({"nickName": "a", "NICKNAME": "b"}, "nickName", ["nickName", "NICKNAME"]),
        ({"title": None, f"{CORE}:title": "b"}, "title", ["title", f"{CORE}:title"]),
        (
            {"name.givenName": "a", "name": {"GIVENNAME": "b"}},
            "name.givenName",
            ["name", "name.givenName"],
        ),
        ({"name.givenName": "a", "name": None}, "name.givenName", ["name", "name.givenName"]),
        (
            {"name.givenName": "a", "NAME.GIVENNAME": "b"},
            "name.givenName",
            ["name.givenName", "NAME.GIVENNAME"],
        ),
        (
            {ENTERPRISE: {"costCenter": "a"}, f"{ENTERPRISE}:costCenter": "b"},
            f"{ENTERPRISE}:costCenter",
            [f"{ENTERPRISE}:costCenter"],
        ),
        (
            {ENTERPRISE: {"manager": {"value": "a"}}, "manager.value": "b"},
            f"{ENTERPRISE}:manager.value",
            [f"{ENTERPRISE}:manager", "manager.value"],
        ),
        (
            {"manager": "a", ENTERPRISE: {"manager": "b"}},
            f"{ENTERPRISE}:manager",
            ["manager", f"{ENTERPRISE}:manager"],
        ),
        ({ENTERPRISE: {}, ENTERPRISE.upper(): {}}, ENTERPRISE, [ENTERPRISE, ENTERPRISE.upper()]),
        ({ENTERPRISE: None, "manager": "m"}, ENTERPRISE, [ENTERPRISE, f"{ENTERPRISE}:manager"]),
        ({STAFF.id: None, 'tags[value eq "b"]': "b"}, STAFF.id, [STAFF.id, 'tags[value eq "b"]']),
        ({"emails": [], f"{WORK}.value": "a"}, "emails", ["emails", f"{WORK}.value"]),
        ({"emails.value": "a", f"{WORK}.value": "b"}, "emails", ["emails.value", f"{WORK}.value"]),
        (
            {f"{WORK}.value": "a", 'EMAILS[Type eq "WORK"].value': "b"},
            "emails.value",
            [f"{WORK}.value", 'EMAILS[Type eq "WORK"].value'],
        ),
        ({"shoeSize": 1, "SHOESIZE": 2}, "SHOESIZE", ["shoeSize", "SHOESIZE"]),
        (
            {ENTERPRISE: {"shoeSize": 1, "SHOESIZE": 2}},
            f"{ENTERPRISE}:SHOESIZE",
            ["shoeSize", "SHOESIZE"],
        ),
    ],
)
def test_name_in_two_spellings_is_refused_with_both(
    write: Any, keys: Resource, named: str, spellings: list[str]
) -> None:
    for sent in (keys, dict(reversed(keys.items()))):
        with pytest.raises(InvalidSyntax) as refused:
            write(sent)

        assert refused.value.detail.lower().startswith(f"{named} is given twice: as ".lower())
        for spelling in spellings:
            assert repr(spelling[:100]) in refused.value.detail


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("keys", "detail"),
    [
        ({"department": "x"}, f"{ENTERPRISE}:department or {STAFF.id}:department"),
        ({CORE: ["x"]}, "core schema"),
        ({'emails[type co "w"].value': "x"}, "emails"),
        ({'title[value eq "x"]': "x"}, "no values that a filter could select"),
        ({"emails[type eq].value": "x"}, "ends too early"),
    ],
)
def test_key_that_says_nothing_clear_is_refused(write: Any, keys: Resource, detail: str) -> None:
    with pytest.raises(SCIMError) as refused:
        write(keys)

    assert detail in refused.value.detail


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("keys", "detail"),
    [
        ({"name.givenName": "x"}, "'name.givenName' is a path and not the name of an attribute"),
        ({f"{CORE}:title": "x"}, "nest its value"),
        ({f"{ENTERPRISE}:department": "x"}, "nest its value"),
        ({ENTERPRISE: {"manager.value": "x"}}, "'manager.value' is a path"),
        ({f"{WORK}.value": "x"}, "nest its value"),
        ({"manager": {"value": "x"}}, f"name it {ENTERPRISE}:manager"),
        ({"manager.value": "x"}, f"name it {ENTERPRISE}:manager"),
    ],
)
def test_strict_profile_takes_names_alone_as_keys(write: Any, keys: Resource, detail: str) -> None:
    with pytest.raises((InvalidSyntax, InvalidPath)) as refused:
        write(keys, STRICT)

    assert detail in refused.value.detail


def test_filters_of_unknown_attributes_are_left_out_without_their_values() -> None:
    left_out = LeftOut(GENERIC)
    keys = {
        'emails[colour eq "secret"].value': "x",
        "Skills [secret]": "x",
        "Cost center: old": "x",
        STAFF.id: {'tags[colour eq "secret"]': "x"},
    }
    body = {"schemas": [CORE], "userName": "ann", **keys}

    clean(body, TWICE, GENERIC, context="create", left_out=left_out)

    assert set(left_out.names) == {
        "emails.colour",
        "Skills",
        "Cost center: old",
        f"{STAFF.id}:tags.colour",
    }


def test_a_profile_that_makes_no_values_makes_none_of_keys() -> None:
    profile = GENERIC.with_switches({"create_missing_value": False})

    for write in WRITES:
        with pytest.raises(SCIMError) as refused:
            write({f"{WORK}.value": "a@x"}, profile)
        assert "emails" in refused.value.detail


def test_number_is_read_as_the_id_of_a_manager() -> None:
    for write in WRITES:
        assert write({"manager": 271})[ENTERPRISE] == {"manager": {"value": "271"}}
        for wrong in (True, 2.5, [2, 7]):
            with pytest.raises(InvalidValue):
                write({"manager": wrong})
        for keys in ({"manager": {"value": 271}}, {"manager.value": 271}, {"emails": [271]}):
            with pytest.raises(InvalidValue, match="must be text"):
                write(keys)
        with pytest.raises(InvalidValue):
            write({ENTERPRISE: {"manager": 271}}, STRICT)


def odd_names(number: int) -> Resource:
    return {f"name {n}": n for n in range(number)} | {f"a.b{n}": n for n in range(number)}


def block(number: int) -> Resource:
    return {ENTERPRISE: odd_names(number), "manager.value": "m"}


def filters(number: int) -> Resource:
    return {f'emails[value eq "a{n}@x"].type': "work" for n in range(number)}


def parts(number: int) -> Resource:
    return {"name": {f"n{n}": n for n in range(number)}, "name.givenName": "a"}


@pytest.mark.parametrize("keys", [odd_names, block, filters, parts])
def test_reading_keys_takes_time_in_proportion_to_their_number(keys: Any) -> None:
    few, many = keys(400), keys(1600)

    posted(keys(10))
    assert steps(lambda: posted(many)) < 6 * steps(lambda: posted(few))


@pytest.mark.parametrize("keys", [odd_names, block, parts])
def test_patching_takes_time_in_proportion_to_the_number_of_keys(keys: Any) -> None:
    few, many = keys(400), keys(1600)

    patched(keys(10))
    assert steps(lambda: patched(many)) < 6 * steps(lambda: patched(few))
