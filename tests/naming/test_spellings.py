"""One document, however its names are spelled, is one resource: by POST, PUT and both PATCHes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_scim_provider.core.errors import InvalidPath, InvalidSyntax, SCIMError
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC, STRICT, Profile
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, SchemaExtension
from django_scim_provider.core.validation.cleaning import clean
from tests.naming.schemas import TEAM, TEAM_URN
from tests.strategies import CORE, ENTERPRISE

PEOPLE = ResourceType(
    name="User",
    endpoint="/Users",
    schema=USER.schema,
    extensions=(*USER.extensions, SchemaExtension(schema=TEAM)),
)
SCHEMAS = [CORE, ENTERPRISE, TEAM_URN]
BARE = {"department", "manager", "tags", "lead", "floors"}
"""What one extension alone has, and no core schema; ``costCenter`` two have."""

texts = st.sampled_from(["a", "b", "Ünï", "x y", "7"])


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Resource]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def _emails(draw: Any) -> list[Resource]:
    kinds = draw(st.lists(st.sampled_from(["work", "home", "other"]), unique=True, min_size=1))
    return [
        {"value": f"{kind}@x.example", "type": kind, **draw(_some(display=texts))} for kind in kinds
    ]


documents = _some(
    title=texts,
    active=st.booleans(),
    name=st.fixed_dictionaries({"givenName": texts}, optional={"familyName": texts}),
    emails=_emails(),
    **{
        ENTERPRISE: st.fixed_dictionaries(
            {"department": texts},
            optional={
                "costCenter": texts,
                "manager": st.fixed_dictionaries({"value": texts}),
            },
        ),
        TEAM_URN: st.fixed_dictionaries(
            {"tags": st.lists(texts, min_size=1, unique=True)},
            optional={
                "costCenter": texts,
                "floors": st.lists(st.integers(0, 3), min_size=1, unique=True),
                "lead": st.fixed_dictionaries({"value": texts}, optional={"level": texts}),
            },
        ),
    },
)
"""Resources in the spelling of the schemas, without ``schemas`` and ``userName``."""


@st.composite
def spelled(draw: Any) -> tuple[Resource, Resource]:
    """Return a document, and the same in another spelling."""
    document = draw(documents)
    keys: Resource = {}
    for name, value in document.items():
        if name in (ENTERPRISE, TEAM_URN):
            _spell_extension(draw, keys, name, value)
        elif name == "emails" and draw(st.booleans()):
            _spell_by_filter(draw, keys, value)
        else:
            prefix = draw(st.sampled_from(["", f"{CORE}:"]))
            _spell(draw, keys, prefix, name, value)
    return document, dict(draw(st.permutations(list(keys.items()))))


def _spell_extension(draw: Any, keys: Resource, urn: str, held: Resource) -> None:
    block: Resource = {}
    for name, value in held.items():
        ways = ["in the block", "qualified", *(["bare"] if name in BARE else [])]
        way = draw(st.sampled_from(ways))
        prefix = f"{draw(st.sampled_from([urn, urn.upper()]))}:" if way == "qualified" else ""
        _spell(draw, block if way == "in the block" else keys, prefix, name, value)
    if block:
        keys[draw(st.sampled_from([urn, urn.lower()]))] = block


def _spell(draw: Any, keys: Resource, prefix: str, name: str, value: Any) -> None:
    cased = draw(st.sampled_from([name, name.upper(), name.lower()]))
    if not isinstance(value, dict):
        keys[prefix + cased] = value
        return
    nested: Resource = {}
    for sub, held in value.items():
        if draw(st.booleans()):
            nested[draw(st.sampled_from([sub, sub.upper()]))] = held
        else:
            keys[f"{prefix}{cased}.{sub}"] = held
    if nested:
        keys[prefix + cased] = nested


def _spell_by_filter(draw: Any, keys: Resource, emails: list[Resource]) -> None:
    for email in emails:
        path = f'emails[type eq "{email["type"]}"]'
        parts = {sub: held for sub, held in email.items() if sub != "type"}
        if draw(st.booleans()):
            keys[path] = parts
        else:
            keys |= {f"{path}.{sub}": held for sub, held in parts.items()}


def whole(keys: Resource, context: Any, profile: Profile = GENERIC) -> Resource:
    body = {"schemas": SCHEMAS, "userName": "ann", **copy.deepcopy(keys)}
    return clean(body, PEOPLE, profile, context=context)


def patched(operations: list[PatchOperation], profile: Profile = GENERIC) -> Resource:
    before = {"schemas": [CORE], "userName": "ann"}
    return apply_patch(before, operations, PEOPLE, profile)


def without_path(keys: Resource, op: Any, profile: Profile = GENERIC) -> Resource:
    return patched([PatchOperation(op=op, value=copy.deepcopy(keys))], profile)


def in_order(resource: Resource) -> Resource:
    """Return a resource whose addresses are in an order that does not depend on that of keys."""
    emails = sorted(resource.get("emails", ()), key=lambda email: str(email["type"]))
    return {**resource, "emails": emails}


@given(spelled())
def test_spelling_makes_no_difference_on_any_verb(case: tuple[Resource, Resource]) -> None:
    document, keys = case
    expected = in_order(whole(document, "create"))
    by_path = [PatchOperation(op="add", path=key, value=keys[key]) for key in keys]

    assert in_order(whole(keys, "create")) == expected
    assert in_order(whole(keys, "replace")) == expected
    assert in_order(without_path(keys, "add")) == expected
    assert in_order(without_path(keys, "replace")) == expected
    assert in_order(patched(by_path)) == expected


def is_nested(keys: Resource) -> bool:
    core = {"title", "active", "name", "emails", ENTERPRISE.lower(), TEAM_URN.lower()}
    return all(
        key.lower() in core and not (isinstance(value, dict) and any("." in sub for sub in value))
        for key, value in keys.items()
    )


@given(spelled())
def test_strict_takes_the_spelling_of_the_schemas_alone(case: tuple[Resource, Resource]) -> None:
    document, keys = case
    for use, how in ((whole, "create"), (whole, "replace"), (without_path, "add")):
        if is_nested(keys):
            assert use(keys, how, STRICT) == whole(document, "create")
        else:
            with pytest.raises((InvalidSyntax, InvalidPath)):
                use(keys, how, STRICT)


@given(spelled(), st.data())
def test_a_name_in_two_spellings_is_refused_on_every_verb(
    case: tuple[Resource, Resource], data: Any
) -> None:
    document, keys = case
    leaves = list(_leaves(document))
    if not leaves:
        return
    urn, name, sub, value = data.draw(st.sampled_from(leaves))
    path = name if sub is None else f"{name}.{sub}"
    other = f"{urn or CORE}:{path}"
    if other.lower() in {key.lower() for key in keys}:
        other = path if urn is None else f"{urn}:{name}"
    if other in keys:
        return
    twice = {**keys, other: value if other.endswith(path) else {str(sub): value}}

    for use in (whole, without_path):
        for how in ["create", "replace"] if use is whole else ["add", "replace"]:
            with pytest.raises(SCIMError) as refused:
                use(twice, how)
            assert "given twice" in refused.value.detail
            assert name.lower() in refused.value.detail.lower()


def _leaves(document: Resource) -> Any:
    for name, value in document.items():
        if name in (ENTERPRISE, TEAM_URN):
            yield from ((name, *leaf[1:]) for leaf in _leaves(value))
        elif isinstance(value, dict):
            yield from ((None, name, sub, held) for sub, held in value.items())
        elif name != "emails":
            yield None, name, None, value
