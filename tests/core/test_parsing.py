"""Filter texts become trees (RFC 7644 section 3.4.2.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from scim2_models import ScimFilter
from scim2_models.path import expressions
from scim2_models.path.expressions import FilterNode

from django_scim_provider.core.errors import InvalidFilter
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    ValuePath,
)
from django_scim_provider.core.filters.parsing import parse, parse_attribute_path, render
from tests.strategies import filters

pytestmark = pytest.mark.rfc("7644", "3.4.2.2", "MUST")


def eq(name: str, value: object) -> Comparison:
    head, _, sub = name.partition(".")
    return Comparison(AttributePath(head, sub or None), "eq", value)  # type: ignore[arg-type]  # as parametrised


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param('a eq "x"', eq("a", "x"), id="comparison"),
        pytest.param('A EQ "x"', eq("A", "x"), id="operator-in-any-case"),
        pytest.param("a.b pr", Present(AttributePath("a", "b")), id="present"),
        pytest.param(
            "a pr or b pr and c pr",
            Or(
                (
                    Present(AttributePath("a")),
                    And((Present(AttributePath("b")), Present(AttributePath("c")))),
                )
            ),
            id="and-binds-tighter-than-or",
        ),
        pytest.param(
            "not (a pr) and b pr",
            And((Not(Present(AttributePath("a"))), Present(AttributePath("b")))),
            id="not-binds-tighter-than-and",
        ),
        pytest.param("NOT(a pr)", Not(Present(AttributePath("a"))), id="not-without-a-blank"),
        pytest.param(
            "(a pr or b pr) and c pr",
            And(
                (
                    Or((Present(AttributePath("a")), Present(AttributePath("b")))),
                    Present(AttributePath("c")),
                )
            ),
            id="parentheses",
        ),
        pytest.param(
            'e[t eq "w" and v pr]',
            ValuePath(AttributePath("e"), And((eq("t", "w"), Present(AttributePath("v"))))),
            id="value-path",
        ),
        pytest.param(
            'e[t eq "w"].v eq "x"',
            ValuePath(AttributePath("e"), And((eq("t", "w"), eq("v", "x")))),
            id="sub-attribute-behind-a-value-path-of-entra",
        ),
        pytest.param(
            "urn:x:schemas:2.0:User:name.sub pr",
            Present(AttributePath("name", "sub", "urn:x:schemas:2.0:User")),
            id="qualified",
        ),
        pytest.param(r'a eq "\u0041\"\\"', eq("a", 'A"\\'), id="json-escapes"),
        pytest.param('a eq "x) or (b pr"', eq("a", "x) or (b pr"), id="syntax-in-a-text"),
        pytest.param("a eq -12.5e1", eq("a", -125.0), id="number"),
        pytest.param("a eq 42", eq("a", 42), id="integer"),
        pytest.param("a eq TRUE", eq("a", True), id="boolean"),
        pytest.param("a eq null", eq("a", None), id="null"),
        pytest.param("trueish eq true", eq("trueish", True), id="name-that-begins-like-a-word"),
        pytest.param('  a   eq   "x"  ', eq("a", "x"), id="blanks"),
    ],
)
def test_text_is_read_as(text: str, tree: Filter) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "a eq",
        'eq "x"',
        'a eq "x" foo',
        'a eq "x" and',
        'a eq eq "x"',
        'a regex "x"',
        "a eq 'x'",
        "a eq x",
        'not a eq "x"',
        "a[]",
        "a[b pr",
        "a b pr]",
        "a.b[c pr]",
        "a[b[c pr]]",
        "(a pr",
        "a pr)",
        "()",
        'a eq "x',
        'a eq "\n"',
        r'a eq "\x"',
        r'a eq "\u0000"',
        r'a eq "\ud800"',
        "a eq 01",
        "a eq 1e999",
        "a eq " + "9" * 5000,
        "a eq 99999999999999999999",
        "a..b pr",
        "a.b.c pr",
        ".a pr",
        "a. pr",
        "-a pr",
        "a/b pr",
        "http://x:a pr",
        "a pr; drop",
        "a\x00 pr",
        "a pr or",
        "and a pr",
    ],
)
def test_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        parse(text)


@pytest.mark.rfc("7644", "3.4.2.2", "MAY")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 2000 + "a pr" + ")" * 2000, id="parentheses"),
        pytest.param("not (" * 500 + "a pr" + ")" * 500, id="nots"),
        pytest.param(" or ".join(["a pr"] * 200), id="terms"),
        pytest.param("a" * 100_000, id="name"),
        pytest.param('a eq "' + "x" * 100_000 + '"', id="text"),
        pytest.param('a eq "' + "\\" * 3999, id="backslashes"),
        pytest.param("[" * 4000, id="brackets"),
        pytest.param(" " * 4000, id="blanks"),
        pytest.param("a" + ".a" * 2000, id="dots"),
        pytest.param("-" * 4000, id="signs"),
        pytest.param("1" * 4000 + "x", id="digits"),
    ],
)
def test_bomb_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        parse(text)


@pytest.mark.rfc("7644", "3.4.2.2", "MAY")
def test_deepest_allowed_nesting_is_read() -> None:
    assert parse("(" * 32 + "a pr" + ")" * 32) == Present(AttributePath("a"))


@given(filters)
def test_rendered_tree_is_read_back(tree: Filter) -> None:
    assert parse(render(tree)) == tree


def from_scim2_models(node: FilterNode) -> Filter:
    """Return a tree of scim2-models, an implementation by others, as one of ours."""
    match node:
        case expressions.Comparison(attr_path=path, op=op, value=value):
            return Comparison(path_of(path), op.value, value)
        case expressions.Present(attr_path=path):
            return Present(path_of(path))
        case expressions.Not(expr=term):
            return Not(from_scim2_models(term))
        case expressions.ValuePath(attr_path=path, val_filter=term):
            return ValuePath(path_of(path), from_scim2_models(term))
        case expressions.LogicalExpr(op=op, terms=terms):
            kind = And if op.value == "and" else Or
            return kind(tuple(from_scim2_models(term) for term in terms))
    raise AssertionError(node)


def path_of(path: expressions.AttrPath) -> AttributePath:
    return AttributePath(path.attr, path.sub_attr, path.uri)


def flat(tree: Filter) -> Filter:
    """Return a tree without ``and`` directly inside ``and``, or ``or`` inside ``or``."""
    match tree:
        case And(terms) | Or(terms):
            parts: list[Filter] = []
            for term in map(flat, terms):
                parts += term.terms if isinstance(term, type(tree)) else (term,)
            return type(tree)(tuple(parts))
        case Not(term):
            return Not(flat(term))
        case ValuePath(path, term):
            return ValuePath(path, flat(term))
    return tree


@given(filters)
def test_another_parser_reads_the_same_tree(tree: Filter) -> None:
    text = render(tree)

    assert flat(from_scim2_models(ScimFilter(text).ast)) == flat(parse(text))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("userName", AttributePath("userName")),
        ("name.givenName", AttributePath("name", "givenName")),
        ("urn:a:b:User:x.y", AttributePath("x", "y", "urn:a:b:User")),
        ("members.$ref", AttributePath("members", "$ref")),
        ("a b", None),
        ("", None),
        ('emails[type eq "work"]', None),
        ("1", None),
    ],
)
def test_attribute_path(text: str, path: AttributePath | None) -> None:
    assert parse_attribute_path(text) == path
