"""A store that cannot sort is not asked to, and discovery says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import pytest

from tests.factories import make_token
from tests.inventory.scim import PRINTERS, PrinterStore
from tests.scim_client import SEARCH, SCIMTestClient

pytestmark = pytest.mark.django_db


class UnsortedPrinters(PrinterStore):
    supports_sort: ClassVar[bool] = False


UNSORTED = type(PRINTERS)(resource_type=PRINTERS.resource_type, store=UnsortedPrinters)


@pytest.fixture
def unsorted(scim_settings: Callable[..., None], settings: Any) -> SCIMTestClient:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=[f"{__name__}.UNSORTED"])
    return SCIMTestClient(make_token())


def test_store_that_does_not_sort_is_not_asked_to(unsorted: SCIMTestClient) -> None:
    search = {"schemas": [SEARCH], "sortBy": "floor"}
    refusals = [
        unsorted.get("/Printers?sortBy=floor&sortOrder=descending"),
        unsorted.get("/Printers?sortBy=floor&cursor"),
        unsorted.request("POST", "/Printers/.search", search),
        unsorted.get("/?sortBy=floor"),
        unsorted.request("POST", "/.search", search),
    ]

    assert [answer.status for answer in refusals] == [400] * 5
    assert {answer.json["detail"] for answer in refusals} == {
        "sortBy is not supported for Printer: leave it out."
    }
    assert unsorted.get("/Printers").status == 200
    assert unsorted.get("/Users?sortBy=userName").status == 200


def test_discovery_shows_sorting_where_all_stores_sort(
    unsorted: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    hidden = unsorted.get("/ServiceProviderConfig").json["sort"]
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    shown = unsorted.get("/ServiceProviderConfig").json["sort"]

    assert (hidden, shown) == ({"supported": False}, {"supported": True})


def test_function_that_makes_stores_says_whether_they_sort() -> None:
    def make(*arguments: Any) -> PrinterStore:
        return PrinterStore(*arguments)

    def registered(store: Any) -> bool:
        return type(PRINTERS)(resource_type=PRINTERS.resource_type, store=store).supports_sort

    silent = registered(make)
    make.supports_sort = True  # type: ignore[attr-defined]

    assert (silent, registered(make), registered(partial(make))) == (False, True, True)
