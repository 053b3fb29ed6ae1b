"""What an event says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.moments import local, utc

FEW = 3
"""Names of attributes that a line has room for."""
SHORT_UUID = 13
"""Characters of a UUID that a line shows: of those of version 7, the moment in milliseconds."""
SHORT = 8
"""Characters of any other id."""
_UUID_LENGTH = 36
_DONE: dict[str, Any] = {
    "create": _("Created"),
    "update": _("Changed"),
    "activate": _("Reactivated"),
    "deactivate": _("Deactivated"),
    "delete": _("Deleted"),
    "change_email": _("E-mail address of the user changed"),
    "leave_out": _("Unknown attributes left out"),
    "adopt": _("Linked to an existing user"),
    "unlink": _("Unlinked from the user"),
    "release": _("Released"),
    "bring_back": _("Allowed to come back"),
    "repair": _("Drift repaired"),
    "ignore_failure": _("Failure ignored"),
    "reopen_failure": _("Failure reopened"),
    "reconcile": _("Roles brought in line"),
    "repair_drift": _("Repair of drift run"),
    "create_connection": _("Connection created"),
    "update_connection": _("Connection changed"),
    "enable_connection": _("Connection enabled"),
    "disable_connection": _("Connection disabled"),
    "delete_connection": _("Connection closed"),
    "revive_connection": _("Connection reopened"),
    "decommission": _("Connection decommissioned"),
    "generate_token": _("Token generated"),
    "revoke_token": _("Token revoked"),
    "create_mapping": _("Group mapped to a role"),
    "update_mapping": _("Mapping changed"),
    "delete_mapping": _("Mapping deleted"),
    "create_webhook": _("Webhook added"),
    "enable_webhook": _("Webhook enabled"),
    "disable_webhook": _("Webhook disabled"),
    "delete_webhook": _("Webhook removed"),
    "rotate_webhook_secret": _("Secret of the webhook rotated"),
    "resend_webhook": _("Messages of the webhook sent again"),
    "export_people": _("People exported"),
    "export_groups": _("Groups exported"),
    "export_events": _("Events exported"),
    "export_drift": _("Differences exported"),
    "export_roles": _("Exported whose roles a mapping would change"),
    "export_consequences": _("Exported whom a change would touch"),
}
_ASKED: dict[str, Any] = {
    "create": _("Not created"),
    "update": _("Not changed"),
    "activate": _("Not reactivated"),
    "deactivate": _("Not deactivated"),
    "delete": _("Not deleted"),
    "adopt": _("Not linked"),
    "repair": _("Drift not repaired"),
}
_MARKS = {"done": "✓", "refused": "▲", "failed": "✕"}
_NAMES_FOLLOW = {"update", "update_connection", "update_mapping", "repair"}
"""Actions that are told with what they changed; a new resource changes all that it has."""


def what_happened(event: ProvisioningEvent) -> str:
    """Return what was done, or was asked for and not done; with few names of what changed."""
    if event.outcome != ProvisioningEvent.Outcome.DONE:
        return str(_ASKED.get(event.action) or _("Not done: %s") % action_label(event.action))
    if event.action == "leave_out":
        return f"{_DONE['leave_out']}: {cut(names_in(event.left_out))}"
    done = str(_DONE.get(event.action) or action_label(event.action))
    if event.action in _NAMES_FOLLOW and event.changed:
        return f"{done}: {cut(names_in(event.changed))}"
    return done


def action_label(action: str) -> str:
    """Return an action in the reader's language, where it is one of the known."""
    known = action in ProvisioningEvent.Action
    return str(ProvisioningEvent.Action(action).label) if known else action


def names_in(text: str) -> list[str]:
    """Return the names in a column of an event."""
    return [name for name in text.split(",") if name]


def cut(names: Sequence[str]) -> str:
    """Return the first few names, without the schemas of extensions, and how many others."""
    shown = ", ".join(name.rpartition(":")[2] for name in names[:FEW])
    if len(names) <= FEW:
        return shown
    return gettext("%(names)s and %(count)d more") % {"names": shown, "count": len(names) - FEW}


def outcome_of(event: ProvisioningEvent) -> str:
    """Return how it ended as a badge: a sign and words, so that no colour has to tell."""
    known = event.outcome in ProvisioningEvent.Outcome
    label = ProvisioningEvent.Outcome(event.outcome).label if known else event.outcome
    status = event.status if event.outcome != "done" else None
    why = " ".join(str(each) for each in (status, event.scim_type) if each)
    return format_html(
        '<span class="scim-outcome scim-{}" title="{}">'
        '<span aria-hidden="true">{}</span> {}</span>',
        event.outcome,
        why,
        _MARKS.get(event.outcome, ""),
        f"{label} {status or ''}".strip(),
    )


def moment_of(at: datetime) -> str:
    """Return a time with its seconds and zone; that in UTC is told where it is pointed at."""
    here, there = local(at), utc(at)
    return format_html(
        '<time datetime="{}" title="{} UTC" class="scim-moment">{} {}</time>',
        there.isoformat(timespec="milliseconds"),
        f"{there:%Y-%m-%d %H:%M:%S}",
        f"{here:%Y-%m-%d %H:%M:%S}",
        here.tzname() or "",
    )


def shortened(id: str) -> str:
    """Return the beginning of an id, by which the search of events finds it."""
    length = SHORT_UUID if _is_timed(id) else SHORT
    return id if len(id) <= length + 1 else id[:length]


def id_to_copy(id: str) -> str:
    """Return a short id that opens to the whole one, which is copied where there is a script."""
    short = shortened(id)
    if short == id:
        return format_html('<code class="scim-whole-id">{}</code>', id)
    return format_html(
        '<details class="scim-id" data-copied="{}" data-failed="{}">'
        '<summary title="{}"><code>{}…</code></summary><code class="scim-whole-id">{}</code>'
        "</details>",
        gettext("The id is copied."),
        gettext("Copying is not possible here; the id is selected."),
        id,
        short,
        id,
    )


def _is_timed(id: str) -> bool:
    """Tell whether an id is a UUID of version 7, as the keys of our rows are."""
    return len(id) == _UUID_LENGTH and id[14] == "7" and id[8] == "-"
