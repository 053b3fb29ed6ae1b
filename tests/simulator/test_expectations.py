"""What providers need to find in answers."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.tools.simulator.expectations import (
    ERROR,
    LIST_RESPONSE,
    at_most,
    error,
    found,
    hides,
    listed,
    members,
    shows,
)


def page(**changes: Any) -> dict[str, Any]:
    return {"schemas": [LIST_RESPONSE], "totalResults": 1, "Resources": [{"id": "1"}], **changes}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param(page(), "", id="one"),
        pytest.param(page(startIndex=1, itemsPerPage=1), "", id="numbers"),
        pytest.param({}, "the body is not a ListResponse", id="empty"),
        pytest.param(None, "the body is not a ListResponse", id="nothing"),
        pytest.param(page(totalResults="1"), "totalResults is not an integer", id="text"),
        pytest.param(page(totalResults=True), "totalResults is not an integer", id="boolean"),
        pytest.param(page(startIndex="1"), "startIndex is not an integer", id="text-index"),
        pytest.param(page(Resources={}), "", id="nothing-in-an-object"),
        pytest.param(page(Resources={"id": "1"}), "Resources is not a list", id="object"),
    ],
)
def test_list_response(body: Any, wrong: str) -> None:
    assert listed(body) == wrong


def test_list_without_resources_may_leave_them_out() -> None:
    nothing = {"schemas": [LIST_RESPONSE], "totalResults": 0}

    assert found(0)(nothing) == ""
    assert found(1)(nothing) == "totalResults is 0 and the page has 0 resources, not 1"


def test_page_is_no_longer_than_asked() -> None:
    long = page(totalResults=9, Resources=[{}, {}])

    assert at_most(2)(long) == ""
    assert at_most(1)(long) == "the page has 2 resources, not at most 1"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"schemas": [ERROR], "status": "404"}, ""),
        ({"schemas": [ERROR], "status": 404}, "status is 404, not '404'"),
        ({"detail": "Not found."}, "the body is not a SCIM error"),
        (None, "the body is not a SCIM error"),
    ],
)
def test_error(body: Any, wrong: str) -> None:
    assert error(404)(body) == wrong


@pytest.mark.parametrize("value", ["False", 0, None])
def test_value_has_the_type_that_it_should_have(value: Any) -> None:
    assert shows("active", False)({"active": False}) == ""
    assert shows("active", False)({"active": value}) == f"active is {value!r}, not False"


def test_paths_go_through_what_is_no_object() -> None:
    assert shows("name/givenName", "Ann")({"name": ["Ann"]}) == "name.givenName is None, not 'Ann'"


def test_password_is_hidden() -> None:
    assert hides("password")({"id": "1"}) == ""
    assert hides("password")({"password": "x"}) == "password is shown"


def test_members_are_exactly_those() -> None:
    group = {"members": [{"value": "1"}, {"value": "2"}]}

    assert members({"1", "2"})(group) == ""
    assert members({"2", "3", "4"})(group) == "2 members are missing, 1 too many"
    assert members(set())({}) == ""
