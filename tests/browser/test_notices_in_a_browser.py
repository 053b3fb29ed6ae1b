"""A webhook from nothing to a message that is sent again, in light and dark, wide and narrow."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import follow, open_connection

LANGUAGES = ("en",)
"""The walks that an administrator goes each week are in the other languages as well."""

ADDRESS = "https://8.8.8.8/hooks/scim"

TROUBLE = """
from django_scim_provider.models import *
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.announcing.outbox_rows import message_row, store_messages

endpoint, now = WebhookEndpoint.objects.get(), utc_now()
store_messages("default", [message_row(endpoint.pk, "hooked", kind, now,
    subject="0197c0ff-ee00-7000-8000-000000000001", data={})
    for kind in ("user.updated", "group.changed")])
OutboxMessage.objects.update(state="dead", attempts=16, last_status=503)
WebhookEndpoint.objects.update(failures=12, last_failure_at=now, last_problem="no answer in time")
for kind, facts in (("token.expiring", {"days": 3}), ("connection.silent", {"days": 4}),
        ("connection.failing", {"refused": 40, "failed": 2, "requests": 90})):
    Notice.objects.create(provider_id="hooked", kind=kind, at=now, facts=facts)
"""


def test_a_webhook(site: Site, window: BrowserContext, say: Speaker, looker: Looker) -> None:
    site.python(
        "from django_scim_provider.models import ProviderConnection as C;"
        "C.objects.create(provider_id='hooked', name='Globex', profile='entra')"
    )
    page = window.new_page()
    open_connection(page, "hooked", say("Notices"))
    looker.look(page, "empty")

    add = say.exactly("Add the webhook and show its secret")
    page.fill("#id_address", "http://8.8.8.8/")
    follow(page, add)
    looker.look(page, "refused")
    page.fill("#id_address", ADDRESS)
    follow(page, add)
    secret = page.input_value("#scim-webhook-secret")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    looker.look(page, "secret")
    page.reload()
    assert secret not in page.content()

    page.goto(page.url)
    follow(page, say.exactly("Send a test"))
    page.wait_for_selector("ul.messagelist")
    site.python(TROUBLE)
    page.goto(page.url)
    looker.look(page, "trouble")
    follow(page, say.exactly("Send all again"))
    page.wait_for_selector("ul.messagelist")
    follow(page, say.exactly("Disable"))
    page.wait_for_selector(say.exactly("Remove"))
    looker.look(page, "disabled")
    page.close()
