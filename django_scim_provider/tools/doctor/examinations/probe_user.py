"""A probe user: created, found, changed, deactivated and deleted, as identity providers do it.

Whatever happens on the way, it is removed, and a search says whether nothing of it is left.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.urns import PATCH_URN
from django_scim_provider.tools.answers import HTTPAnswer, scim_date
from django_scim_provider.tools.doctor.diagnosis import FORBIDDEN, diagnose
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import clean_up
from django_scim_provider.tools.doctor.examinations.clock import check_stamp
from django_scim_provider.tools.doctor.examinations.etags import check_etag
from django_scim_provider.tools.doctor.examinations.locations import check_locations
from django_scim_provider.tools.doctor.kinds import Kind, Level

READ_ONLY = Kind(
    "scope-read-only",
    _("The token may read users but not write them (403), so the probe user was left out."),
    _(
        "Nothing is wrong with the server. To provision, the identity provider needs a token with "
        "the scope scim.users.write (scim_generate_token --scope)."
    ),
    level=Level.WARNING,
)
REFUSED = Kind(
    "probe-refused",
    _("The probe user could not be created: %(status)s (scimType %(scim_type)s)."),
    _(
        "Look for the request id in the events of the connection: the adapter, a validator of the "
        "user model or a policy of the project refuses it, and may refuse real users, too."
    ),
)
_LOOK = _(
    "Look for the request id in the events of the connection and in the log of the application; an "
    "adapter or signal receiver of the project, or what is in between, may change the request or "
    "the answer."
)
NOT_FOUND = Kind(
    "probe-not-found",
    _(
        "A filter by userName does not find the probe user; %(request)s was "
        "answered with %(status)s."
    ),
    _LOOK,
)
NOT_PATCHED = Kind(
    "probe-not-patched",
    _(
        "The probe user does not show the change made by PATCH; %(request)s was answered with "
        "%(status)s."
    ),
    _LOOK,
)
NOT_REPLACED = Kind(
    "probe-not-replaced",
    _(
        "The probe user does not show what was sent by PUT; %(request)s was "
        "answered with %(status)s."
    ),
    _LOOK,
)
NO_PASSWORD = Kind(
    "discovery-change-password",
    _(
        "ServiceProviderConfig declares changePassword, but the probe user got no password; "
        "%(request)s "
        "was answered with %(status)s."
    ),
    _("Look at the password validators and the adapter, or remove ALLOW_PASSWORD."),
)
NOT_DEACTIVATED = Kind(
    "probe-not-deactivated",
    _(
        "The probe user stays active after active was set to false; %(request)s was answered with "
        "%(status)s."
    ),
    _LOOK,
)
NOT_DELETED = Kind(
    "probe-not-deleted",
    _("The probe user is not gone after DELETE; %(request)s was answered with %(status)s."),
    _LOOK,
)


@dataclass(slots=True)
class ProbeUser:
    """The user that the doctor makes, with a random name that nobody has."""

    examination: Examination
    user_name: str = field(
        default_factory=lambda: f"scim-doctor-{secrets.token_hex(8)}@example.invalid"
    )
    id: str | None = None

    def send(self, method: str, body: Any = None, **options: Any) -> HTTPAnswer:
        """Send a request for the user."""
        return self.examination.send(method, f"/Users/{self.id}", body=body, **options)

    def document(self, **changed: Any) -> Resource:
        """Return the user as an identity provider describes it."""
        described = {
            "schemas": [USER.schema.id],
            "userName": self.user_name,
            "name": {"givenName": "SCIM", "familyName": "Doctor"},
            "displayName": "SCIM doctor",
            "emails": [{"value": self.user_name, "type": "work", "primary": True}],
            "active": True,
        }
        return {**described, **changed}


def check_probe_user(examination: Examination) -> None:
    """Play the life of a user, and clean up whatever fails.

    Raises:
        KeyboardInterrupt: a signal came meanwhile; the user is gone by then, too.
        NoAnswer: a request was not answered; likewise.
    """
    probe = ProbeUser(examination)
    with examination.interruption.held():
        try:
            _play(probe)
        finally:
            clean_up.remove(examination, probe.user_name, probe.id)


def _play(probe: ProbeUser) -> None:
    if not _create(probe):
        return
    _find(probe)
    check_etag(probe.examination, f"/Users/{probe.id}")
    _patch(probe, NOT_PATCHED, {"displayName": "SCIM doctor, patched"})
    _replace(probe)
    if probe.examination.offers("changePassword"):
        _patch(probe, NO_PASSWORD, {"password": secrets.token_urlsafe(24) + "-aA1"})
    _patch(probe, NOT_DEACTIVATED, {"active": False})
    _delete(probe)


def _create(probe: ProbeUser) -> bool:
    examination = probe.examination
    answer = examination.send("POST", "/Users", body=probe.document())
    probe.id = _id_of(answer)
    if answer.status == 201 and probe.id is not None:
        _check_created(examination, answer)
        return True
    found = diagnose(answer, examination.base_url)
    if found.kind is FORBIDDEN:
        found = READ_ONLY.found(answer)
    elif answer.is_scim and 400 <= answer.status < 500:
        found = REFUSED.found(answer)
    examination.add(found)
    return False


def _check_created(examination: Examination, answer: HTTPAnswer) -> None:
    meta = answer.body.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    locations = [meta.get("location"), answer.headers.get("location")]
    check_locations(examination, locations, answer.name)
    for name in ("created", "lastModified"):
        check_stamp(examination, answer, f"meta.{name}", scim_date(meta.get(name)))


def _find(probe: ProbeUser) -> None:
    params = {"filter": f'userName eq "{probe.user_name}"'}
    answer = probe.examination.send("GET", "/Users", params=params)
    ids = [resource.get("id") for resource in answer.resources]
    _note(probe, NOT_FOUND, answer, good=answer.status == 200 and ids == [probe.id])


def _patch(probe: ProbeUser, kind: Kind, values: Mapping[str, Any]) -> None:
    operations = [{"op": "replace", "value": values}]
    answer = probe.send("PATCH", {"schemas": [PATCH_URN], "Operations": operations})
    if not _note(probe, kind, answer, good=answer.status in (200, 204)):
        return
    readable = {name: value for name, value in values.items() if name != "password"}
    _read_back(probe, kind, readable)


def _replace(probe: ProbeUser) -> None:
    changed = {"displayName": "SCIM doctor, replaced"}
    answer = probe.send("PUT", probe.document(id=probe.id, **changed))
    if _note(probe, NOT_REPLACED, answer, good=answer.status == 200):
        _read_back(probe, NOT_REPLACED, changed)


def _read_back(probe: ProbeUser, kind: Kind, values: Mapping[str, Any]) -> None:
    answer = probe.send("GET")
    kept = {name: answer.body.get(name) for name in values}
    _note(probe, kind, answer, good=answer.status == 200 and kept == dict(values))


def _delete(probe: ProbeUser) -> None:
    answer = probe.send("DELETE")
    if _note(probe, NOT_DELETED, answer, good=answer.status == 204):
        answer = probe.send("GET")
        _note(probe, NOT_DELETED, answer, good=answer.status == 404 and answer.is_scim)


def _note(probe: ProbeUser, kind: Kind, answer: HTTPAnswer, *, good: bool) -> bool:
    """Note a step that went wrong; what is known better than by the step is named as such."""
    if not good:
        request = answer.name.replace(str(probe.id), "{id}")
        probe.examination.diagnose(answer, kind, request=request)
    return good


def _id_of(answer: HTTPAnswer) -> str | None:
    found = answer.body.get("id")
    return found if isinstance(found, str) and found.isascii() and "/" not in found else None
