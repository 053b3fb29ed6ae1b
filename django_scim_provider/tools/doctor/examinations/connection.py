"""The connection: is it encrypted, and does the certificate hold?"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.doctor.answers import Answer
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import redirects
from django_scim_provider.tools.doctor.exchange import NO_TOKEN
from django_scim_provider.tools.doctor.findings import Kind, Level, NoAnswer

SOON = timedelta(days=14)
PLAIN_HTTP = Kind(
    "plain-http",
    Level.ERROR,
    _("The URL is plain http: whoever is on the way can read the token and all people's data."),
    _(
        "Serve https and give the identity provider that address. The doctor did not send the "
        "token; to examine a server without TLS run it on that machine, by a loopback address."
    ),
)
PLAIN_LOOPBACK = Kind(
    "plain-http-loopback",
    Level.WARNING,
    _("The URL is plain http; that is safe on this machine only."),
    _("Give the identity provider an https address, and run the doctor against that one too."),
)
EXPIRES_SOON = Kind(
    "tls-certificate-expires-soon",
    Level.WARNING,
    _("The TLS certificate expires on %(day)s."),
    _("Renew it, and check that automatic renewal still works."),
)
ALSO_PLAIN = Kind(
    "also-plain-http",
    Level.WARNING,
    _("The same path answers over plain http, too, instead of refusing or redirecting."),
    _(
        "Set SECURE_SSL_REDIRECT, or redirect or close port 80 in the proxy: a URL that is typed "
        "without the s would send the token in clear."
    ),
)


def check_connection(examination: Examination) -> None:
    """Connect without the token.

    Raises:
        NoAnswer: the server does not answer, or its certificate does not hold.
    """
    exchange, base_url = examination.exchange, examination.base_url
    if not base_url.is_secure:
        examination.add((PLAIN_LOOPBACK if base_url.is_loopback else PLAIN_HTTP).found())
    answer = exchange.send("GET", "/ServiceProviderConfig", token=NO_TOKEN)
    if not base_url.is_secure and not base_url.is_loopback and answer.is_redirect:
        examination.add(redirects.finding(answer, base_url))
    if answer.certificate_ends is not None and answer.certificate_ends - answer.received_at < SOON:
        day = answer.certificate_ends.date().isoformat()
        examination.add(EXPIRES_SOON.found(day=day))
    if base_url.is_secure and base_url.origin[2] == 443 and _is_served_in_clear(examination):
        examination.add(ALSO_PLAIN.found())


def _is_served_in_clear(examination: Examination) -> bool:
    path = "/ServiceProviderConfig"
    url = examination.base_url.text.replace("https://", "http://", 1).replace(":443/", "/", 1)
    try:
        answer: Answer = examination.exchange.send_to(url + path, "GET", path)
    except NoAnswer:
        return False  # nothing listens there, which is best
    return answer.is_scim
