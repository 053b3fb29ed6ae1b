"""Telling people once of what is wrong, and forgetting it when it is over.

What is new is written together with its messages to webhooks. Mails follow the commit, and are
tried again at the next look where they fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.at_a_glance.tallies import keep_tallies
from django_scim_provider.models import Notice, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.notices.findings_of_all import Trouble, troubles
from django_scim_provider.notices.mails import mail_notices
from django_scim_provider.signals import scim_notice
from django_scim_provider.storage.announcing.outbox_rows import message_row, store_messages
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.webhooks.turns import take_turn

INTERVAL = timedelta(minutes=5)
"""Between two looks, whoever looks."""
MAIL_ATTEMPTS = 5
BATCH = 500


def tell_people(using: str) -> int:
    """Look at all connections and tell what is new; return how much.

    Nothing, where somebody looked within the last minutes. It counts the requests of days that are
    over as well, or the first page of a day would have to.
    """
    if not take_turn(using, "notices", INTERVAL):
        return 0
    found = {trouble.key: trouble for trouble in troubles(utc_now())}
    new = in_transaction(using, "", lambda: _remember(using, found))
    for trouble in new:
        scim_notice.send_robust(
            sender=Notice,
            connection=trouble.connection,
            kind=str(trouble.kind),
            facts=dict(trouble.facts),
        )
    _mail(using)
    keep_tallies()
    return len(new)


def _remember(using: str, found: dict[tuple[str, str, str], Trouble]) -> list[Trouble]:
    """Forget what is over, write what is new and tell webhooks of it; return what is new."""
    rows = Notice.objects.using(using)
    known = {(each[1], each[2], each[3]): each[0] for each in rows.values_list(*_KEY)}
    over = [key for told, key in known.items() if told not in found]
    for start in range(0, len(over), BATCH):
        rows.filter(pk__in=over[start : start + BATCH]).delete()
    new, now = [trouble for key, trouble in found.items() if key not in known], utc_now()
    rows.bulk_create(
        [
            Notice(
                provider_id=trouble.connection.provider_id,
                kind=str(trouble.kind),
                subject=trouble.subject,
                at=now,
                facts=trouble.facts,
            )
            for trouble in new
        ],
        batch_size=BATCH,
    )
    if new:
        _announce(using, new)
    return new


_KEY = ("pk", "provider_id", "kind", "subject")


def _announce(using: str, new: Sequence[Trouble]) -> None:
    """Write the messages to webhooks; one that hears of all connections gets each."""
    of: defaultdict[str | None, list[WebhookEndpoint]] = defaultdict(list)
    for endpoint in WebhookEndpoint.objects.using(using).filter(enabled=True):
        of[endpoint.provider_id].append(endpoint)
    now = utc_now()
    messages = [
        message_row(
            endpoint.pk,
            trouble.connection.provider_id,
            trouble.kind,
            now,
            subject=trouble.connection.provider_id,
            data=trouble.facts,
        )
        for trouble in new
        for endpoint in (*of[trouble.connection.provider_id], *of[None])
        if str(trouble.kind) in endpoint.chosen_kinds
    ]
    store_messages(using, messages)


def _mail(using: str) -> None:
    """Mail what was not mailed yet; note what was."""
    rows = Notice.objects.using(using).filter(mailed_at=None, mail_attempts__lt=MAIL_ATTEMPTS)
    waiting = list(rows.select_related("provider__owner").order_by("provider_id", "pk"))
    if not waiting:
        return
    failed = mail_notices(waiting, get_settings().NOTICE_EMAILS)
    keys = {notice.pk for notice in waiting}
    for chosen, values in (
        (keys - failed, {"mailed_at": utc_now()}),
        (failed, {"mail_attempts": max(each.mail_attempts for each in waiting) + 1}),
    ):
        listed = sorted(chosen)
        for start in range(0, len(listed), BATCH):
            rows.model.objects.using(using).filter(pk__in=listed[start : start + BATCH]).update(
                **values
            )


def notices_of(connection: ProviderConnection) -> list[Notice]:
    """Return what people were told of a connection and is not over."""
    rows = Notice.objects.using(get_settings().DATABASE)
    return list(rows.filter(provider=connection).order_by("pk")[:50])
