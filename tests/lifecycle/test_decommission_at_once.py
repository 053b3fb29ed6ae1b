"""Two people decommission a connection at the same time."""

from __future__ import annotations

import pytest

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from tests.parallel import in_parallel
from tests.people import connect, post


@pytest.mark.django_db(transaction=True)
def test_each_person_is_released_once_and_the_end_is_told_once() -> None:
    client = connect()
    for number in range(5):
        post(client, f"user{number}")

    def work(number: int) -> bool:
        done = decommission(ProviderConnection.objects.get(), batch_size=2)
        return done.released >= done.total

    assert in_parallel(2, work) == [True, True]
    assert not LinkedAccount.objects.filter(released_at=None).exists()
    actions = list(ProvisioningEvent.objects.values_list("action", flat=True))
    assert actions.count("release") == 5
    assert (actions.count("delete_connection"), actions.count("decommission")) == (1, 1)

    decommission(ProviderConnection.objects.get())

    assert ProvisioningEvent.objects.filter(action="decommission").count() == 1
