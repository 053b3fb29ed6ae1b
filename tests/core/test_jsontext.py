"""The door: what a JSON text may hold, and that reading it costs what it is long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue
from django_scim_provider.core.jsontext import MAX_DEPTH, loads
from tests.costs import peak_bytes, steps

KEYS = st.text(alphabet='a"\\:{}[]é ', max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=3),
    max_leaves=12,
)


def written(value: Any, spaced: bool, escaped: bool) -> str:
    """Return a value as JSON text; lists of pairs are objects, which may repeat a key."""
    space = " \n\t" if spaced else ""
    if isinstance(value, list):
        is_object = bool(value) and all(isinstance(item, tuple) for item in value)
        parts = [
            f"{written(item[0], spaced, escaped)}{space}:{space}{written(item[1], spaced, escaped)}"
            if is_object
            else written(item, spaced, escaped)
            for item in value
        ]
        inside = f"{space},{space}".join(parts)
        return f"{{{inside}}}" if is_object else f"[{inside}]"
    return json.dumps(value, ensure_ascii=escaped)


@given(value=VALUES, spaced=st.booleans(), escaped=st.booleans())
def test_repeated_keys_are_found_whatever_is_written_around_them(
    value: Any, spaced: bool, escaped: bool
) -> None:
    text = written(value, spaced, escaped)
    repeats = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeats.append(len({key for key, _ in pairs}) != len(pairs))
        return dict(pairs)

    expected = json.loads(text, object_pairs_hook=note)

    if any(repeats):
        with pytest.raises(InvalidSyntax, match="repeats a key"):
            loads(text.encode())
    else:
        assert loads(text.encode()) == expected


@pytest.mark.parametrize(
    "text",
    [
        r'{"userName":"x","usern\u0061me":"y","user\u004eame":"z"}',
        '{"a" :1,"a"\t:2}',
        r'{"\\":1,"\u005c":2}',
        r'{"\"":1,"\u0022":2}',
        '{"b":":::","a":[{"c":{"d":1,"d":1}}]}',
    ],
)
def test_a_key_repeated_in_other_escapes_is_refused(text: str) -> None:
    with pytest.raises(InvalidSyntax, match="repeats a key"):
        loads(text.encode())


def test_depth_is_counted_outside_of_texts_only() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH

    assert loads(deepest.encode()) == json.loads(deepest)
    assert loads(json.dumps(["[{" * 1000]).encode()) == ["[{" * 1000]
    with pytest.raises(InvalidSyntax, match=f"deeper than {MAX_DEPTH} levels"):
        loads(f"[{deepest}]".encode())


def test_objects_and_lists_are_capped_where_they_are_no_text() -> None:
    assert len(loads(b"[" + b",".join([b"{}"] * 99) + b"]", max_objects=100)) == 99
    assert loads(json.dumps(["[{" * 1000]).encode(), max_objects=1) == ["[{" * 1000]
    with pytest.raises(InvalidSyntax, match=r"more than 100 objects and lists \(MAX_BODY_OBJECTS"):
        loads(b"[" + b",".join([b"[]"] * 100) + b"]", max_objects=100)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_any_depth_is_refused_without_a_crash(opening: bytes) -> None:
    with pytest.raises(InvalidSyntax, match=f"deeper than {MAX_DEPTH} levels"):
        loads(opening * 50_000)
    with pytest.raises(InvalidSyntax, match="MAX_BODY_OBJECTS"):
        loads(opening * (4 * 1024 * 1024 // len(opening)))


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b'"a\\u0000b"', InvalidValue),
        (b'{"\\u0000":1}', InvalidValue),
        (b'"a\x00b"', InvalidSyntax),
        (b'"\\ud800"', InvalidSyntax),
        (b"NaN", InvalidSyntax),
        (b"\xef\xbb\xbf{}", InvalidSyntax),
        (b'"\xff"', InvalidSyntax),
        (b'{"a":1}:', InvalidSyntax),
        (b"", InvalidSyntax),
    ],
)
def test_what_cannot_be_stored_is_refused(raw: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        loads(raw)


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert loads(rb'"\\u0000"') == r"\u0000"


BRACKETS = b"[" + b"[]," * 40


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(BRACKETS + b'"' + b'\\"' * 10_000, id="escaped-quotes-without-end"),
        pytest.param(BRACKETS + b'"' + b'\\"' * 10_000 + b'"]', id="escaped-quotes"),
        pytest.param(BRACKETS + b'"' + b"x" * 20_000 + b'"]', id="long-text"),
        pytest.param(BRACKETS + b'"' + b"\\\\" * 10_000 + b'"]', id="backslashes"),
        pytest.param(b'["' + b"urn:x:" * 40_000 + b'"]', id="colons"),
    ],
)
def test_memory_grows_as_the_text_does(raw: bytes) -> None:
    def read() -> None:
        try:
            loads(raw)
        except InvalidSyntax:
            assert not raw.endswith(b"]")

    # orjson asks for twelve times the length, most of which it never touches.
    assert peak_bytes(read) < 20 * len(raw)


@pytest.mark.parametrize("unit", [b"{}", b"[]", b'{"a":1}', b'"a:b"', b"1", b'{"a":"\\":"}'])
def test_steps_grow_as_the_text_does(unit: bytes) -> None:
    def read(number: int) -> int:
        raw = b"[" + b",".join([unit] * number) + b"]"
        return steps(lambda: loads(raw))

    assert read(2_000) <= read(4_000) <= 2 * read(2_000)
    assert read(2_000) < 4 * 2_000
