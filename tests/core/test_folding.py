"""Folded documents at the edges: values that count as unassigned leave no trace."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.schemas import USER

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"title": ""}, id="empty-text"),
        pytest.param({"title": None}, id="null"),
        pytest.param({"emails": []}, id="no-values"),
        pytest.param({"emails": [{"value": ""}]}, id="value-without-content"),
        pytest.param({"emails": ["ann@x.example"]}, id="value-that-is-no-object"),
        pytest.param({"name": {}}, id="empty-object"),
        pytest.param({"name": {"givenName": ""}}, id="object-without-content"),
        pytest.param({"password": "secret"}, id="never-returned"),
        pytest.param({ENTERPRISE: {}}, id="empty-extension"),
        pytest.param({ENTERPRISE: {"department": ""}}, id="extension-without-content"),
    ],
)
def test_what_counts_as_unassigned_is_left_out(attributes: dict[str, Any]) -> None:
    bare = fold_resource({"userName": "ann"}, USER)

    assert fold_resource({"userName": "ann", **attributes}, USER) == bare
