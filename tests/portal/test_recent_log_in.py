"""What makes or ends what opens a directory asks for a log-in that is not long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_scim_provider.connections.recent_login import SESSION_KEY
from django_scim_provider.models import SCIMToken
from tests.administration import logged_in
from tests.portal.conftest import Directory, address, new_key, text_of
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def works(scim: SCIMTestClient) -> bool:
    return scim.get("/Users?count=1").status == 200


NEEDING = ("new-token", "close")
TRAVERSING = ("/directory/../admin/", "/directory/%2e%2e/admin/", "/directory/none/")


def test_log_in_of_the_future_is_none(directory: Directory) -> None:
    """The clock was put back: what was noted before would be recent until it is there again."""
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        assert directory.page("new-token").status_code == 403
    with time_machine.travel(timezone.now() - timedelta(seconds=30)):
        assert directory.page("new-token").status_code == 200


def test_last_log_in_of_the_future_is_none(directory: Directory) -> None:
    session = directory.client.session
    del session[SESSION_KEY]
    session.save()

    with time_machine.travel(timezone.now() - timedelta(days=1)):
        assert directory.page("new-token").status_code == 403
    assert directory.page("new-token").status_code == 200


def test_old_log_in_is_asked_for_again(directory: Directory) -> None:
    token = SCIMToken.objects.get()
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        pages = [directory.page(name) for name in NEEDING]
        pages += [
            directory.page("revoke-token", token.pk),
            directory.client.get(address("connect", "okta")),
            directory.post("new-token", key=new_key()),
            directory.post("close", provider_id="okta-corp"),
            directory.post("revoke-token", token.pk),
            directory.client.post(address("connect", "okta"), {"key": new_key(), "name": "x"}),
        ]
        others = [directory.page(name).status_code for name in ("set-up", "people", "tokens")]

        assert [page.status_code for page in pages] == [403] * len(pages)
        assert all("Log in again" in text_of(page) for page in pages)
        assert set(others) == {200}
        assert SCIMToken.objects.count() == 1
        assert works(directory.scim)


def test_logging_in_again_leads_back_to_the_page(directory: Directory) -> None:
    where = address("new-token", directory.connection.pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        asked = directory.client.get(where).content.decode()
        out = directory.client.post(address("log-in-again"), {"next": where})
        anonymous = directory.client.get(where).status_code
        again = logged_in(get_user_model().objects.get(pk=directory.owner.pk)).get(where)

    assert f'name="next" value="{where}"' in asked
    assert f"/accounts/login/?next={where}" in out.content.decode()
    assert (anonymous, again.status_code) == (302, 200)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/admin/", "javascript:alert(1)", "", *TRAVERSING],
)
def test_logging_in_again_leads_nowhere_else(directory: Directory, elsewhere: str) -> None:
    out = directory.client.post(address("log-in-again"), {"next": elsewhere})

    assert f"?next={address('connections')}" in out.content.decode()
    assert "evil" not in out.content.decode()


@pytest.mark.parametrize(
    ("own", "shared", "seconds", "status"),
    [
        pytest.param(60, None, 61, 403, id="own"),
        pytest.param(None, None, 10**6, 200, id="neither"),
        pytest.param(None, 60, 61, 403, id="that-of-the-api"),
        pytest.param(600, 60, 61, 403, id="the-shorter-one"),
    ],
)
def test_settings_say_how_long_ago_a_log_in_may_be(
    directory: Directory, scim_settings: Any, own: Any, shared: Any, seconds: int, status: int
) -> None:
    scim_settings(PORTAL_RECENT_LOGIN=own, RECENT_LOGIN=shared)

    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        assert directory.page("new-token").status_code == status
