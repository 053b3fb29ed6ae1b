"""Stores and managers of the project's own are asked each time; their ids may be any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from django.db.models import QuerySet

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.stores import Query, Stored
from django_scim_provider.storage.store_context import StoreContext
from tests.core.test_stored_text import BROKEN
from tests.factories import make_connection, make_token
from tests.inventory.badges import BADGE_URN, BadgeStore
from tests.inventory.models import Printer
from tests.inventory.scim import PRINTER_URN, PRINTERS, PrinterStore
from tests.scim_client import PATCH, SCIMTestClient

pytestmark = pytest.mark.django_db

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
IDS = ["1", "x" * 300, 'quo"ted', "back\\slash", "zwölf", "a b", "jo@x.example"]


@pytest.fixture
def client(scim_settings: Callable[..., None], settings: Any) -> Iterator[SCIMTestClient]:
    settings.ROOT_URLCONF = "tests.inventory.badge_urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.badges.BADGES"])
    yield SCIMTestClient(make_token())
    BadgeStore.kept.clear()


def badge(label: str = "red") -> dict[str, Any]:
    return {"schemas": [BADGE_URN], "label": label}


@pytest.mark.parametrize("id", IDS)
def test_ids_of_any_form_do_all_that_others_do(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch, id: str
) -> None:
    monkeypatch.setattr(BadgeStore, "next_id", id)
    path = f"/Badges/{quote(id)}"
    change = {"op": "replace", "path": "label", "value": "blue"}

    made = client.request("POST", "/Badges", badge())
    location = made.json["meta"]["location"]
    answers = {
        "get": client.get(path),
        "patch": client.patch(path, change),
        "put": client.request("PUT", path, badge("blue")),
        "projected": client.get(f"{path}?attributes=label,meta"),
    }
    listed = client.get("/Badges").json["Resources"]
    projected = client.get("/Badges?attributes=label").json["Resources"]
    everything = client.get("/").json["Resources"]

    assert (made.status, made.json["id"], made.headers["Location"]) == (201, id, location)
    assert location.startswith("http://testserver/scim/v2/Badges/")
    assert client.get(location.partition("/scim/v2")[2]).json["id"] == id
    for name, answer in answers.items():
        assert (answer.status, answer.json["id"]) == (200, id), name
        assert answer.json["meta"]["location"] == location, name
    assert [(each["id"], each["meta"]["location"]) for each in listed] == [(id, location)]
    assert [each["id"] for each in projected] == [id]
    assert [each["id"] for each in everything] == [id]
    assert client.request("DELETE", path).status == 204


@pytest.mark.parametrize("id", IDS)
def test_ids_of_any_form_are_referred_to_in_bulk_requests(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch, id: str
) -> None:
    monkeypatch.setattr(BadgeStore, "next_id", id)
    path = f"/Badges/{quote(id)}"
    change = {"schemas": [PATCH], "Operations": [{"op": "add", "value": {"label": "bulkId:b"}}]}
    operations = [
        {"method": "POST", "path": "/Badges", "bulkId": "b", "data": badge()},
        {"method": "PATCH", "path": "/Badges/bulkId:b", "data": change},
    ]

    bulk = client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
    made = client.get(path)
    gone = {"schemas": [BULK], "Operations": [{"method": "DELETE", "path": path}]}
    deleted = client.request("POST", "/Bulk", gone)

    results = bulk.json["Operations"]
    assert [each["status"] for each in results] == ["201", "200"]
    assert [each["location"] for each in results] == [made.json["meta"]["location"]] * 2
    assert (made.json["id"], made.json["label"]) == (id, id)
    assert deleted.json["Operations"][0]["status"] == "204"


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_text_of_a_store_is_500_and_not_shown(client: SCIMTestClient, text: Any) -> None:
    BadgeStore.kept["1"] = Stored("1", 1, text)

    assert client.get("/Badges/1").status == 500
    assert client.get("/Badges/1?attributes=label").status == 500


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_text_in_a_list_is_500(client: SCIMTestClient, text: Any) -> None:
    if text == BROKEN["another"]:  # of a list nobody knows which ids belong there
        text = ""
    BadgeStore.kept["1"] = Stored("1", 1, text)

    assert client.get("/Badges").status == 500
    assert client.get("/Badges?attributes=label").status == 500


@pytest.mark.parametrize("total", ["many", 1.5, float("nan")])
def test_total_that_is_no_number_is_500(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch, total: Any
) -> None:
    monkeypatch.setattr(BadgeStore, "total", total)

    assert client.get("/Badges").status == 500


def test_total_that_is_a_boolean_is_shown_as_a_number(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.request("POST", "/Badges", badge())
    monkeypatch.setattr(BadgeStore, "total", True)

    assert client.get("/Badges").json["totalResults"] == 1


class OpenFloors(PrinterStore):
    """Shows the printers of floors that are open at the moment."""

    open: ClassVar[set[int]] = set()

    @property
    def rows(self) -> QuerySet[Any]:
        return super().rows.filter(floor__in=self.open)


def test_rows_of_a_store_of_the_project_are_asked_each_time() -> None:
    make_connection()
    store = OpenFloors(StoreContext(provider_id="acme"), PRINTERS.resource_type)
    for floor in (1, 2):
        printer = {"schemas": [PRINTER_URN], "serialNumber": f"S-{floor}", "shelf": 1}
        store.create({**printer, "floor": floor, "externalId": f"e{floor}"})
    expressions = ['externalId eq "e1"', 'externalId eq "e2"']
    filters = [bind_text(expression, PRINTERS.resource_type, GENERIC) for expression in expressions]

    def shown() -> list[Any]:
        everything = store.query(Query(limit=1))
        by_cursor = store.query(Query(limit=10, by_cursor=True))
        found = [store.query(Query(filter=each, limit=10)) for each in filters]
        return [everything.total, len(by_cursor.texts), *(len(page.texts) for page in found)]

    floors: list[set[int]] = [set(), {1}, {2}, {1, 2}, set()]
    seen = []
    for OpenFloors.open in floors:
        seen.append(shown())

    assert seen == [[0, 0, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1], [2, 2, 1, 1], [0, 0, 0, 0]]
    assert Printer.objects.count() == 2


class Scrapped(PrinterStore):
    """Shows what the default manager of the model hides."""

    @property
    def rows(self) -> QuerySet[Any]:
        own = {"provider_id": self.context.provider_id}
        return Printer.everything.using(self.using).filter(**own)


def test_deep_pages_show_the_rows_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_scim_provider.storage.sql.compiled_pages.DEEP_OFFSET", 0)
    make_connection()
    context = StoreContext(provider_id="acme")
    everything = Scrapped(context, PRINTERS.resource_type)
    for number in (1, 2, 3):
        printer = {"schemas": [PRINTER_URN], "serialNumber": f"S-{number}", "shelf": number - 2}
        everything.create(printer)

    pages = [everything.query(Query(limit=2, offset=offset)) for offset in (0, 1)]
    in_use = PrinterStore(context, PRINTERS.resource_type).query(Query(limit=2, offset=1))

    assert [(len(page.texts), page.total) for page in (*pages, in_use)] == [(2, 3), (2, 3), (1, 2)]
