"""The OpenAPI document: what people use is in it, what identity providers use is not."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


def make_document() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(public=True)


@pytest.fixture(scope="module")
def document() -> Any:
    return make_document()


def test_document_is_valid(document: Any) -> None:
    validate: Any = validate_schema
    validate(document)


def test_it_holds_the_management_routes_and_no_other(document: Any) -> None:
    methods = {path: set(operations) for path, operations in document["paths"].items()}

    assert methods == {
        "/scim/generate-token": {"post"},
        "/scim/rotate-token": {"post"},
        "/scim/revoke-token": {"post"},
        "/scim/delete-provider-connection": {"post"},
        "/scim/get-provider-connection": {"get"},
        "/scim/list-provider-connections": {"get"},
        "/scim/list-tokens": {"get"},
        "/scim/list-events": {"get"},
        "/scim/list-profiles": {"get"},
    }


def test_bodies_and_answers_are_described(document: Any) -> None:
    generate = document["paths"]["/scim/generate-token"]["post"]
    listed = document["paths"]["/scim/list-provider-connections"]["get"]
    schemas = document["components"]["schemas"]

    assert generate["operationId"] == "generate_scim_token"
    assert list(generate["requestBody"]["content"]) == ["application/json"]
    assert list(generate["responses"]) == ["201"]
    assert schemas["TokenResponse"]["required"] == ["scimToken", "tokenId"]
    assert "providerId" in schemas["GenerateTokenRequest"]["required"]
    assert {parameter["name"] for parameter in listed["parameters"]} >= {"organizationId", "page"}
    page = schemas["PaginatedConnectionResponseList"]
    assert page["required"] == ["providers", "count", "next", "previous"]


def test_document_is_made_without_warnings(capsys: Any) -> None:
    make_document()

    assert capsys.readouterr().err == ""
