"""What pages show of webhooks, by the same statements for any number of messages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import utc
from django_scim_provider.models.outgoing.webhook_endpoints import MessageKind
from django_scim_provider.webhooks.endpoint_service import digest_of_secret

_LABELS = dict(MessageKind.choices)


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook as the page shows it."""

    endpoint: WebhookEndpoint
    waiting: str
    dead: int
    known: str
    """The digest of its secret, so that a page that is sent twice rotates once."""

    @property
    def state(self) -> str:
        """Return how it is, in words."""
        endpoint = self.endpoint
        if endpoint.gone_at is not None:
            return gettext("disabled, as the receiver said that it is gone")
        if not endpoint.enabled:
            return gettext("disabled")
        if endpoint.failures:
            return gettext("the receiver fails; the next try comes by itself")
        return gettext("delivers") if endpoint.last_success_at else gettext("nothing sent yet")

    @property
    def told(self) -> str:
        """Return what it is told of."""
        endpoint = self.endpoint
        if not endpoint.kinds:
            return gettext("everything")
        return ", ".join(str(_LABELS.get(kind, kind)) for kind in endpoint.chosen_kinds)

    @property
    def last_problem(self) -> str:
        """Return what went wrong last, if that came after the last success."""
        endpoint = self.endpoint
        failed, well = endpoint.last_failure_at, endpoint.last_success_at
        if failed is None:
            return PROBLEMS.get(endpoint.last_problem, lambda: "")()
        if well is not None and utc(well) > utc(failed):
            return ""
        return in_words(endpoint.last_status, endpoint.last_problem)


def endpoints_of(
    connection: ProviderConnection, *, with_those_of_all: bool
) -> list[WebhookEndpoint]:
    """Return the webhooks of a connection, and those that hear of all connections."""
    rows = WebhookEndpoint.objects.using(get_settings().DATABASE).order_by("pk")
    own = list(rows.filter(provider=connection))
    return [*own, *rows.filter(provider=None)] if with_those_of_all else own


def rows_of(endpoints: list[WebhookEndpoint]) -> list[WebhookRow]:
    """Return what is shown of webhooks, by one statement."""
    fates = OutboxMessage.Fate
    rows = OutboxMessage.objects.using(get_settings().DATABASE).order_by()
    rows = rows.filter(endpoint__in=[each.pk for each in endpoints])
    rows = rows.filter(state__in=[fates.WAITING, fates.DEAD])
    counted = rows.values_list("endpoint", "state").annotate(number=Count("pk"))
    numbers = {(key, state): number for key, state, number in counted}
    return [
        WebhookRow(
            each,
            whole(numbers.get((each.pk, fates.WAITING), 0)),
            numbers.get((each.pk, fates.DEAD), 0),
            digest_of_secret(each),
        )
        for each in endpoints
    ]


def kind_title(kind: str) -> str:
    """Return what a message tells, in the language of the reader."""
    return str(_LABELS.get(kind, kind))


PROBLEMS = {
    "address not allowed": lambda: gettext("the address leads to a network that is not allowed"),
    "address not valid": lambda: gettext("the address is not valid"),
    "no answer in time": lambda: gettext("no answer within five seconds"),
    "certificate not valid": lambda: gettext("the certificate is not valid for the name"),
    "no secure connection": lambda: gettext("no secure connection"),
    "name not found": lambda: gettext("the name of the host was not found"),
    "no connection": lambda: gettext("no connection"),
    "secret not readable": lambda: gettext("the secret cannot be decrypted; rotate it"),
    "fault": lambda: gettext("an error of this project; see its log"),
}
"""What stands in the column of problems, in the language of the reader."""


def in_words(status: int | None, problem: str) -> str:
    """Return what went wrong with a call."""
    if problem:
        return PROBLEMS.get(problem, lambda: problem)()
    if status is None:
        return ""
    return gettext("answered with %(status)d") % {"status": status}
