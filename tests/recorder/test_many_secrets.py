"""What an answer may repeat is looked for as long as that is cheap; beyond, it is not kept."""

from __future__ import annotations

import pytest

from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.storage.recorder.keeping import unsealed
from django_scim_provider.storage.recorder.redaction import MOST_ECHOES
from tests.scim_client import SCIMTestClient

PLANTED = "hunter2-planted"


@pytest.mark.django_db
def test_answer_to_very_many_secrets_is_not_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    made = scim_client.create_user("ann@x.example")
    secrets = [f"{PLANTED}-{number}" for number in range(MOST_ECHOES + 1)]
    changes = [{"op": "replace", "path": "password", "value": each} for each in secrets]

    scim_client.patch(f"/Users/{made['id']}", *changes)

    kept = unsealed(RecordedExchange.objects.get(number=2))
    assert kept is not None
    assert (kept.answer, kept.answer_note) == ("", "large")
    assert PLANTED not in kept.body
