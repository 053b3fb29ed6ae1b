"""Lists of a connection that has nothing yet say what to do; others say what Django does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import LinkedAccount, ProvisionedGroup, RoleMapping, SCIMToken
from tests.administration import url
from tests.factories import make_account, make_connection
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db
SAID = {
    LinkedAccount: "Assign people to the application",
    ProvisionedGroup: "assign or push them",
    SCIMToken: "Generate one",
    RoleMapping: "Map this group",
}


@pytest.mark.parametrize("model", SAID)
def test_empty_list_says_what_to_do(root: Client, model: Any) -> None:
    make_connection(provider_id="acme")
    address = url(model, "changelist")

    narrowed = root.get(address, {"provider": "acme"}).content.decode()
    filtered = root.get(address, {"provider": "acme", "q": "x"}).content.decode()

    assert SAID[model] in narrowed
    assert SAID[model] not in filtered
    assert SAID[model] not in root.get(address).content.decode()


def test_list_with_rows_says_nothing(root: Client) -> None:
    make_connection(provider_id="acme")
    make_account("acme", {"schemas": [CORE], "userName": "ann"}, 1)

    page = root.get(url(LinkedAccount, "changelist"), {"provider": "acme"}).content.decode()

    assert SAID[LinkedAccount] not in page
