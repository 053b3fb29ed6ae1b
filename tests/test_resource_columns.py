"""Columns that a store declares answer as the documents do, by their indexes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.checks import check_settings
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.core.stores import Position, Query, Sort, Stored
from django_scim_provider.storage.resource_columns import columns_of
from django_scim_provider.storage.sql.searching.lookups import reach
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_connection, make_token
from tests.inventory.models import Printer, Scanner
from tests.inventory.scanners import SCANNER_URN, SCANNERS, PlainScannerStore, ScannerStore
from tests.inventory.scim import PRINTERS, PrinterStore
from tests.scim_client import SCIMTestClient

KIND = SCANNERS.resource_type
CONTEXT = StoreContext(provider_id="acme")
THINGS: list[dict[str, Any]] = [
    {"serialNumber": "s-1", "displayName": "Nørd", "floor": 1, "weight": 1.5, "inColour": True},
    {"serialNumber": "S-2", "displayName": "nørd", "floor": 2, "inColour": False},
    {"serialNumber": "S-10", "floor": -3, "weight": 2, "boughtAt": "2026-01-31T12:00:00Z"},
    {"serialNumber": "T", "displayName": "ZED", "boughtAt": "2026-01-31T12:00:00.5+01:00"},
    {"serialNumber": "t ", "weight": -0.25, "maker": {"name": "Ärger", "country": "DE"}},
    {"serialNumber": "ü", "maker": {"country": "FR"}, "boughtAt": "2025-06-01T00:00:00"},
]
FILTERS = [
    *('serialNumber eq "S-2"', 'serialNumber eq "s-2"', 'serialNumber ne "T"'),
    *('serialNumber sw "S-1"', 'serialNumber gt "S-2"', 'serialNumber le "t"'),
    *('serialNumber co "-"', 'serialNumber ew "2"', 'serialNumber eq "t"', "serialNumber pr"),
    *('displayName eq "NØRD"', 'displayName ne "zed"', 'displayName sw "n"', "displayName pr"),
    *('displayName lt "o"', "not (displayName pr)", 'displayName co "Ø"', 'displayName eq ""'),
    *('maker.name eq "ärger"', "maker.name pr", 'maker.name ne "x"', 'maker.country eq "FR"'),
    *("floor eq 1", "floor eq 1.0", "floor eq 1.5", "floor gt 1.5", "floor ne 2", "floor le -3"),
    *("floor pr", "floor eq null", "floor eq 9223372036854775807", "floor lt 1e30"),
    *("weight eq 2", "weight gt 1.4", "weight lt 0", "weight ne 1.5", "weight pr"),
    *("inColour eq true", "inColour ne true", "inColour eq false", "inColour pr"),
    *('boughtAt eq "2026-01-31T12:00:00Z"', 'boughtAt lt "2026-01-31T12:00:00Z"', "boughtAt pr"),
    *('boughtAt ge "2025-06-01T00:00:00Z"', "not (boughtAt pr)", 'boughtAt sw "2026"'),
    'serialNumber sw "S" and (floor gt 0 or weight gt 1)',
    'not (serialNumber sw "S" and floor gt 0)',
]
PATHS = ["serialNumber", "displayName", "maker.name", "floor", "weight", "inColour", "boughtAt"]


def scanner(**attributes: Any) -> dict[str, Any]:
    return {"schemas": [SCANNER_URN], **attributes}


def target_of(path: str) -> Target:
    parsed = parse_attribute_path(path)
    assert parsed is not None
    found = resolve(parsed, KIND, GENERIC)
    assert found is not None
    return found


@pytest.fixture
def stores(db: None, settings: Any) -> list[ScannerStore]:
    """Return a store with columns and one without, over the same scanners."""
    settings.TIME_ZONE = "Asia/Tokyo"
    make_connection()
    found = [ScannerStore(CONTEXT, KIND), PlainScannerStore(CONTEXT, KIND)]
    for thing in THINGS:
        found[0].create(scanner(**thing))
    return found


def serials(texts: Any) -> list[str]:
    return [Stored("", 1, text).resource()["serialNumber"] for text in texts]


@pytest.mark.parametrize("text", FILTERS)
def test_columns_find_what_documents_do(stores: list[ScannerStore], text: str) -> None:
    bound = bind_text(text, KIND, GENERIC)

    by_column, by_document = (store.query(Query(filter=bound, limit=50)) for store in stores)

    assert serials(by_column.texts) == serials(by_document.texts)
    assert by_column.total == by_document.total


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("path", PATHS)
def test_columns_sort_as_documents_do(
    stores: list[ScannerStore], path: str, descending: bool
) -> None:
    sort = Sort(target_of(path), descending)

    def paged(store: ScannerStore) -> list[str]:
        found: list[str] = []
        after: Position | None = None
        while True:
            page = store.query(Query(limit=2, sort=sort, by_cursor=True, after=after))
            found += serials(page.texts)
            if page.next is None:
                return found
            after = page.next

    by_column, by_document = (
        [serials(store.query(Query(limit=50, sort=sort)).texts), paged(store)] for store in stores
    )

    assert by_column == by_document
    assert by_column[0] == by_column[1]
    assert len(by_column[0]) == len(THINGS)


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ('serialNumber eq "a"', True),
        ('serialNumber sw "a"', True),
        ('displayName eq "a"', True),
        ("floor gt 1", True),
        ("floor eq 1.5", False),
        ("weight gt 1", False),
        ('maker.name eq "a"', False),
        ("inColour eq true", False),
        ('serialNumber co "a"', False),
    ],
)
def test_index_of_a_column_bounds_the_work(text: str, bounded: bool) -> None:
    bound = bind_text(text, KIND, GENERIC)

    assert reach(bound, columns_of(ScannerStore, KIND), Scanner).is_bounded is bounded
    assert not reach(bound, columns_of(PlainScannerStore, KIND), Scanner).is_bounded


@pytest.mark.django_db
def test_filter_over_http_asks_the_column(
    scim_settings: Callable[..., None], settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.inventory.scanner_urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scanners.SCANNERS"])
    client = SCIMTestClient(make_token())
    client.request("POST", "/Scanners", scanner(serialNumber="S-1"))

    with CaptureQueriesContext(connection) as queries:
        answer = client.find('serialNumber eq "S-1"', "Scanners", sortBy="floor")

    asked = queries[-1]["sql"]
    assert answer.json["totalResults"] == 1
    assert "serial_number" in asked
    assert "floor" in asked
    assert "folded" not in asked


@pytest.mark.django_db
def test_name_that_grows_beyond_its_key_is_refused() -> None:
    make_connection()
    store = ScannerStore(CONTEXT, KIND)

    with pytest.raises(InvalidValue, match="displayName is too long"):
        store.create(scanner(serialNumber="S", displayName="\ufdfa" * 20))

    assert not Scanner.objects.exists()


def with_columns(columns: dict[str, str], **more: Any) -> Any:
    store: Any = type("Store", (ScannerStore,), {"columns": columns, **more})
    return replace(SCANNERS, store=store)


class FloorStore(PrinterStore):
    """Has a column that may be filled with a default where there is no value."""

    columns: ClassVar = {"shelf": "shelf"}


BAD = {
    "Scanner has no attribute 'nothing'": with_columns({"nothing": "floor"}),
    "has no attribute 'a b'": with_columns({"a b": "floor"}),
    "inventory.Scanner has no field 'nowhere'": with_columns({"floor": "nowhere"}),
    "has a column already": with_columns({"externalId": "external_id"}),
    "only a simple, single value": with_columns({"trays": "name_key"}),
    "only a simple, single value has": with_columns({"maker": "maker_key"}),
    "'name' must be a FoldedKeyField": with_columns({"displayName": "name"}),
    "'maker' must be an ExactCharField": with_columns({"maker.country": "maker"}),
    "'name_key' must be an ExactCharField": with_columns({"serialNumber": "name_key"}),
    "'weight' must be of IntegerField": with_columns({"floor": "weight"}),
    "'floor' must be of FloatField": with_columns({"weight": "floor"}),
    "'floor' must be of BooleanField": with_columns({"inColour": "floor"}),
    "'floor' must be of DateTimeField": with_columns({"boughtAt": "floor"}),
    "written to 'name', not to 'maker'": with_columns({"displayName": "maker_key"}),
    "must have null=True": with_columns(
        {"maker.country": "serial_number"}, fields={"displayName": "name"}
    ),
    "Store.columns['shelf']": replace(
        PRINTERS, store=type("Store", (FloorStore,), {"model": Printer})
    ),
}


@pytest.mark.parametrize("problem", BAD)
def test_column_that_does_not_fit_is_refused(
    scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    registration = BAD[problem]
    monkeypatch.setattr("tests.test_resource_columns.NAMED", registration, raising=False)
    scim_settings(RESOURCE_TYPES=["tests.test_resource_columns.NAMED"])

    messages = check_settings()

    assert [message.id for message in messages] == ["scim_provider.E011"]
    assert problem in messages[0].msg
    with pytest.raises(ImproperlyConfigured, match=r"Store\.columns"):
        columns_of(registration.store, registration.resource_type)


def test_columns_that_fit_are_taken(scim_settings: Callable[..., None]) -> None:
    scim_settings(RESOURCE_TYPES=["tests.inventory.scanners.SCANNERS"])

    assert check_settings() == []
