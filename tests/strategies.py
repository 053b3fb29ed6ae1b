"""Random resources and filters, from small vocabularies, so that they often meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

WORDS = ["a", "A", "ab", "b", "Ab c", "ä", "a%", "a_b", 'q"t', "back\\slash", "İ", "ß", "ss", " a"]
words = st.sampled_from(WORDS)
dates = st.sampled_from(
    ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2030-01-01T00:00:00Z"]
)

SIMPLE = ["title", "nickName", "externalId", "userName"]
SUBS = {
    "name": ["givenName", "familyName"],
    "emails": ["value", "type", "display"],
    "phoneNumbers": ["value", "type"],
    "roles": ["value", "display"],
}
MULTI = ["emails", "phoneNumbers", "roles"]


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _without_none(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, [], {})}


def _elements(name: str) -> st.SearchStrategy[Any]:
    fields = {sub: _optional(words) for sub in SUBS[name]} | {"primary": _optional(st.booleans())}
    element = st.fixed_dictionaries(fields).map(_without_none).filter(bool)
    return st.lists(element, max_size=3)


contents = st.fixed_dictionaries(
    {
        "title": _optional(words),
        "nickName": _optional(words),
        "active": st.booleans(),
        "name": _optional(
            st.fixed_dictionaries({sub: _optional(words) for sub in SUBS["name"]}).map(
                _without_none
            )
        ),
        "emails": _elements("emails"),
        "phoneNumbers": _elements("phoneNumbers"),
        "roles": _elements("roles"),
        ENTERPRISE: _optional(
            st.fixed_dictionaries(
                {
                    "department": _optional(words),
                    "manager": _optional(words.map(lambda word: {"value": word})),
                }
            ).map(_without_none)
        ),
    }
).map(_without_none)
"""A user without what identifies it: add ``schemas`` and ``userName``."""

operators = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
equality = st.sampled_from(["eq", "ne"])

_paths = st.one_of(
    st.sampled_from(SIMPLE).map(AttributePath),
    st.sampled_from([(n, s) for n, subs in SUBS.items() for s in subs]).map(
        lambda pair: AttributePath(*pair)
    ),
    st.sampled_from(MULTI).map(AttributePath),
    st.just(AttributePath("department", urn=ENTERPRISE)),
    st.just(AttributePath("manager", "value", ENTERPRISE)),
    st.just(AttributePath("displayName")),
)
_leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Comparison, _paths, operators, words),
    st.builds(Comparison, st.just(AttributePath("active")), equality, st.booleans()),
    st.builds(
        Comparison,
        st.sampled_from([AttributePath("meta", "created"), AttributePath("meta", "lastModified")]),
        st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]),
        dates,
    ),
    st.builds(
        Comparison,
        st.sampled_from(MULTI).map(lambda n: AttributePath(n, "primary")),
        equality,
        st.booleans(),
    ),
    st.builds(Present, _paths | st.just(AttributePath("name"))),
)


def _value_path(name: str) -> st.SearchStrategy[Filter]:
    leaf = st.one_of(
        st.builds(Comparison, st.sampled_from(SUBS[name]).map(AttributePath), operators, words),
        st.builds(Comparison, st.just(AttributePath("primary")), equality, st.booleans()),
        st.builds(Present, st.sampled_from([*SUBS[name], "primary"]).map(AttributePath)),
    )
    return st.builds(ValuePath, st.just(AttributePath(name)), combined(leaf, 3))


def combined(leaves: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[Any]:
    """Return trees of ``and``, ``or`` and ``not`` over these, of so many at most."""

    def extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        terms = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.builds(And, terms) | st.builds(Or, terms) | st.builds(Not, inner)

    return st.recursive(leaves, extend, max_leaves=size)


filters: st.SearchStrategy[Filter] = combined(
    _leaves | st.sampled_from(MULTI).flatmap(_value_path), 4
)
"""Filters on users, as syntax trees."""
