"""A commit that the server does not confirm costs its request, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from pymongo.errors import AutoReconnect
from pymongo.synchronous.client_session import ClientSession

from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("arrives", [False, True])
def test_worker_goes_on_after_a_commit_without_an_answer(
    monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    wrapper: Any = connection
    client = SCIMTestClient(make_token(provider_id="acme"))
    post(client, "first@x.example")  # notes the first use of the token
    commit = ClientSession.commit_transaction

    def lost(session: Any) -> None:
        if arrives:
            commit(session)
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as patched:
        patched.setattr(ClientSession, "commit_transaction", lost)
        refused = post(client, "ann@x.example")
    made = post(client, "bob@x.example")

    assert (refused.status, made.status) == (503, 201)
    assert wrapper.session is None
    names = set(LinkedAccount.objects.values_list("user_name", flat=True))
    assert names == {"first@x.example", "bob@x.example"} | ({"ann@x.example"} if arrives else set())
