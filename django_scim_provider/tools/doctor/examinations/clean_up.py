"""Removing the probe user, and making sure of it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import NoAnswer
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Kind

LEFT_BEHIND = Kind(
    "probe-left-behind",
    _("The probe user %(user_name)s is still there, with the id %(id)s."),
    _("Delete it: DELETE %(url)s/Users/%(id)s, or in the project's admin."),
)
NOT_VERIFIED = Kind(
    "probe-not-verified",
    _("It could not be verified that the probe user %(user_name)s is gone (its id: %(id)s)."),
    _("Look for that userName in the project's admin, and delete it if it is there."),
)
PATIENCE = 90.0
"""Seconds that the clean-up may wait for a limit on requests, whatever was waited before."""
ATTEMPTS = 2


def remove(examination: Examination, user_name: str, id: str | None) -> None:
    """Delete the probe user and search for what is left; never raises for what the server does.

    The name is searched for as well: a request that was not answered may have created it.
    """
    examination.wait_left = max(examination.wait_left, PATIENCE)
    with examination.interruption.ignored():
        _remove(examination, user_name, id)


def _remove(examination: Examination, user_name: str, id: str | None) -> None:
    for _attempt in range(ATTEMPTS):
        left = _search(examination, user_name)
        if left == []:
            return
        known = left or ([] if id is None else [id])
        gone = [_delete(examination, found) for found in known]
        if left is None and gone == [True]:
            return
    left = _search(examination, user_name)
    if left == []:
        return
    kind = NOT_VERIFIED if left is None else LEFT_BEHIND
    ids = ", ".join(left or [id or "-"])
    url = examination.base_url.text
    examination.note(kind, user_name=user_name, id=ids, url=url)


def _search(examination: Examination, user_name: str) -> list[str] | None:
    """Return the ids of resources of exactly that name; None where the search fails.

    A server that ignores filters lists other people, who must not be touched.
    """
    try:
        answer = examination.send("GET", "/Users", params={"filter": f'userName eq "{user_name}"'})
    except NoAnswer:
        return None
    if answer.status != 200 or not isinstance(answer.body.get("totalResults"), int):
        return None
    return [str(one.get("id")) for one in answer.resources if one.get("userName") == user_name]


def _delete(examination: Examination, id: str) -> bool:
    """Delete by id, and tell whether it is gone."""
    try:
        examination.send("DELETE", f"/Users/{id}")
        answer = examination.send("GET", f"/Users/{id}")
    except NoAnswer:
        return False
    return answer.status == 404 and answer.is_scim
