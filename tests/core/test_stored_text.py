"""Stored texts: ids of any length and spelling, and texts that break the contract."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest

import django_scim_provider
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stored_text import (
    BrokenText,
    checked,
    content,
    folded_document,
    id_of,
    located,
    segment,
    splice,
    stored_texts,
    times,
    unclosed,
)

PACKAGE = Path(django_scim_provider.__file__).parent
LAYOUT = re.compile(r"""['"]\{"id":"|BEFORE_ID|AFTER_ID|\btext\[([2-9]|\d\d|:-)""")
META = {"resourceType": "Badge", "version": 'W/"1"'}
IDS = [
    "019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa",
    "1",
    "x" * 300,
    'quo"ted',
    "back\\slash",
    '\\"',
    "\\",
    "zwölf",
    "a b/c?d#e%20",
    "line\nbreak",
    "\u2028",
    '","meta":{}}',
]


def text_of(id: str, **more: Any) -> str:
    return orjson.dumps({"id": id, "schemas": ["urn:x"], **more, "meta": META}).decode()


@pytest.mark.parametrize("id", IDS)
def test_any_id_is_found_and_spliced_around(id: str) -> None:
    text = text_of(id, title="T")

    spliced = splice(text, "members", [{"value": "1"}])
    whole = orjson.loads(located(spliced, f"https://x/Badges/{segment(id)}"))

    assert (id_of(text), id_of(spliced)) == (id, id)
    assert checked(text, id) == text
    assert list(whole) == ["id", "members", "schemas", "title", "meta"]
    assert (whole["id"], whole["members"]) == (id, [{"value": "1"}])
    assert whole["meta"] == {**META, "location": f"https://x/Badges/{segment(id)}"}


def test_id_in_escapes_is_found() -> None:
    text = '{"id":"\\u007a\\u0077\\/x","schemas":[],"meta":{"a":1}}'

    assert id_of(text) == "zw/x"
    assert orjson.loads(splice(text, "groups", [{}]))["groups"] == [{}]


def test_id_alone_is_spliced_behind() -> None:
    text = '{"id":"1","meta":{"a":1}}'

    assert splice(text, "groups", [{}]) == '{"id":"1","groups":[{}],"meta":{"a":1}}'
    assert splice(text, "groups", []) == splice(text, "groups", None) == text


def test_segment_is_that_of_a_uri() -> None:
    assert segment("A-z_0.9~") == "A-z_0.9~"
    assert segment("jo@x.example") == "jo@x.example"
    assert segment('a"\\/?# ü') == "a%22%5C%2F%3F%23%20%C3%BC"


BROKEN = {
    "bytes": text_of("1").encode(),
    "none": None,
    "python": str({"id": "1", "meta": META}),
    "cut": text_of("1")[:-1],
    "followed": text_of("1") + " ",
    "list": "[]",
    "blanks": '{"id": "1", "schemas": [], "meta": {"a": 1}}',
    "blank-before-the-end": '{"id":"1","schemas":[],"meta":{"a":1} }',
    "number": '{"id":1,"schemas":[],"meta":{"a":1}}',
    "id-later": '{"schemas":[],"id":"1","meta":{"a":1}}',
    "no-id": '{"schemas":[],"meta":{"a":1}}',
    "two-ids": '{"id":"1","id":"2","meta":{"a":1}}',
    "no-meta": '{"id":"1","name":{"a":1}}',
    "meta-earlier": '{"id":"1","meta":{"a":1},"name":{"a":1}}',
    "empty-meta": '{"id":"1","meta":{}}',
    "text-meta": '{"id":"1","a":{"b":1},"meta":"}}"}',
    "location": '{"id":"1","meta":{"location":"x"}}',
    "another": text_of("2"),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_text_that_breaks_the_contract_is_not_shown(text: Any) -> None:
    with pytest.raises(BrokenText):
        checked(text, "1")


@pytest.mark.parametrize("text", ["", "{}", '{"id":1}', '{"id":"1', '{"x":"1"}'])
def test_text_without_an_id_has_none(text: str) -> None:
    with pytest.raises(BrokenText):
        id_of(text)


PERSON = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "Ada",
    "password": "secret",
    "groups": [{"value": "1"}],
    "meta": {"version": "the client's"},
}
CREATED = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=timezone(timedelta(hours=2)))
MODIFIED = CREATED + timedelta(seconds=1)


def texts_of(id: str) -> dict[str, str]:
    return stored_texts(PERSON, USER, id=id, version=3, created=CREATED, last_modified=MODIFIED)


@pytest.mark.parametrize("id", IDS)
def test_what_is_made_keeps_the_contract_for_any_id(id: str) -> None:
    texts = texts_of(id)

    assert checked(texts["resource"], id) == texts["resource"]
    assert folded_document(texts["resource"], USER) == orjson.loads(texts["folded"])
    assert content(texts["resource"]) == {"schemas": PERSON["schemas"], "userName": "Ada"}


def test_times_are_shown_in_utc_with_milliseconds() -> None:
    text = texts_of("1")["resource"]
    shown = [moment.replace(microsecond=678_000) for moment in (CREATED, MODIFIED)]

    assert orjson.loads(text)["meta"] == {
        "resourceType": "User",
        "created": "2026-01-02T01:04:05.678Z",
        "lastModified": "2026-01-02T01:04:06.678Z",
        "version": 'W/"3"',
    }
    assert times(text) == tuple(shown)


def test_what_follows_in_pieces_closes_the_text() -> None:
    text = text_of("1")

    assert orjson.loads(unclosed(text) + ',"members":[]}')["members"] == []


def test_layout_of_texts_has_one_owner() -> None:
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if LAYOUT.search(path.read_text())
    }

    assert knowing == {"core/stored_text.py"}
