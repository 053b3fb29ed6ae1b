"""Why a request had no answer at all, by the exception that it ended in."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx2
from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import NoAnswer
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind

UNRESOLVED = Kind(
    "host-unknown",
    _("The host name does not resolve."),
    _("Make the DNS record, or correct the URL; the identity provider needs a public one."),
)
UNREACHABLE = Kind(
    "unreachable",
    _("Nothing answers at the address (%(reason)s)."),
    _("Start the web server, open its port in the firewall, or correct host and port of the URL."),
)
NO_ANSWER = Kind(
    "no-answer",
    _("The connection broke before %(request)s was answered (%(reason)s)."),
    _("Look for workers that die or are killed in the web server's log, and at its time limits."),
)
TIMEOUT = Kind(
    "timeout",
    _("%(request)s was not answered in %(seconds)s seconds."),
    _(
        "Look for slow queries, a database that waits, or too few workers; identity providers give "
        "up after 30 to 60 seconds."
    ),
)
CERTIFICATE_EXPIRED = Kind(
    "tls-certificate-expired",
    _("The TLS certificate is expired, or not valid yet."),
    _("Renew it, and reload the web server, which may hold the old one; look at the clock too."),
)
CERTIFICATE_SELF_SIGNED = Kind(
    "tls-certificate-self-signed",
    _("The TLS certificate is self-signed, or signed by an authority of your own."),
    _("Use a certificate of a public authority: identity providers trust no other."),
)
CERTIFICATE_HOST = Kind(
    "tls-certificate-host",
    _("The TLS certificate is for other names than the host of the URL."),
    _(
        "Get a certificate that names this host, or give the identity provider a host that it "
        "names."
    ),
)
CERTIFICATE_CHAIN = Kind(
    "tls-certificate-chain",
    _(
        "The certificates that the server sends do not lead to an authority that is trusted here: "
        "the intermediate ones are missing, or the authority is your own."
    ),
    _(
        "Configure the full chain (nginx: ssl_certificate with fullchain.pem; Apache: the same in "
        "SSLCertificateFile): browsers fetch what is missing, identity providers do not. For an "
        "authority of your own name its file in the environment variable SSL_CERT_FILE."
    ),
)
TLS_FAILED = Kind(
    "tls-failed",
    _("No TLS connection could be made (%(reason)s)."),
    _("Serve TLS 1.2 or newer on this port; check that it is not the port of plain http."),
)
# Codes of OpenSSL's X509_V_ERR_*: x509_vfy.h.
_BY_VERIFICATION = {
    9: CERTIFICATE_EXPIRED,
    10: CERTIFICATE_EXPIRED,
    18: CERTIFICATE_SELF_SIGNED,
    19: CERTIFICATE_SELF_SIGNED,
    20: CERTIFICATE_CHAIN,
    21: CERTIFICATE_CHAIN,
    62: CERTIFICATE_HOST,
    64: CERTIFICATE_HOST,
}


def failure(error: NoAnswer, seconds: float) -> Diagnosis:
    """Return the diagnosis of a request that had no answer within so many ``seconds``, or none."""
    causes = list(_causes(error.__cause__))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            kind = _BY_VERIFICATION.get(cause.verify_code, TLS_FAILED)
            return kind.found(reason=cause.verify_message)
        if isinstance(cause, ssl.SSLError):
            return TLS_FAILED.found(reason=cause.reason or type(cause).__name__)
        if isinstance(cause, socket.gaierror):
            return UNRESOLVED.found()
    first = error.__cause__
    if isinstance(first, httpx2.ConnectTimeout):
        return UNREACHABLE.found(reason=type(first).__name__)
    if isinstance(first, httpx2.TimeoutException):
        return TIMEOUT.found(request=error.request, seconds=f"{seconds:g}")
    if isinstance(first, httpx2.ConnectError | httpx2.ProxyError):
        return UNREACHABLE.found(reason=_reason(causes))
    return NO_ANSWER.found(request=error.request, reason=_reason(causes))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(causes: list[BaseException]) -> str:
    """Return the operating system's word for it, or else the kind of exception."""
    words = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return words[-1] if words else type(causes[0]).__name__
