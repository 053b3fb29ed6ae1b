"""Users who log in by their address; run by ``tests.projects.test_host_projects``."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from tests.people import host_user, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("user_name", ["a@b.cd,evil@x.yz", "ann@", "ann@x.org\nBcc: evil@x.yz"])
def test_user_name_that_is_no_address_is_refused(
    scim_client: SCIMTestClient, user_name: str
) -> None:
    answer = post(scim_client, user_name)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"].startswith("userName")
    assert not get_user_model()._default_manager.exists()


def test_address_that_stands_for_a_user_name_is_named(scim_client: SCIMTestClient) -> None:
    answer = post(scim_client, "ann", emails=[{"value": "a@b.cd,evil@x.yz"}])

    assert answer.status == 400
    assert answer.json["detail"].startswith("emails.value: ")


@pytest.mark.parametrize("user_name", ["ann@corp.local", "ann_x.org#EXT#@corp.example"])
def test_addresses_of_real_directories_log_in(scim_client: SCIMTestClient, user_name: str) -> None:
    answer = post(scim_client, user_name)

    assert answer.status == 201, answer.text
    assert host_user(answer.json).get_username() == user_name
