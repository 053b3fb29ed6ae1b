"""What the portal says about requests and states, for people who run a directory.

They cannot look into the project: no sentence names its settings, logs or files.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_scim_provider.insight.condition_texts import headline
from django_scim_provider.insight.conditions import Condition, Facts, condition_of
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import Failure, ProvisioningEvent
from django_scim_provider.models.connection_profiles import profile_titles

Outcome, Action = ProvisioningEvent.Outcome, ProvisioningEvent.Action

DONE: dict[str, Any] = {
    "renamed": _("The name was changed."),
    "enabled": _("The connection is enabled."),
    "disabled": _("The connection is disabled."),
    "revoked": _("The token was revoked. Whoever still uses it is refused."),
    "shown": _("The token was shown once and is not shown again. Make another one if it was lost."),
    "ignore": _("The failure is ignored."),
    "reopen": _("It is open again."),
    "mended": _("It is done. Provision the person again in your identity provider."),
    "webhook-test": _("A test message waits to be sent."),
    "webhook-resend": _("What was given up waits to be sent again."),
    "webhook-remove": _("The webhook was removed."),
    "webhook-enable": _("The webhook is enabled."),
    "webhook-disable": _("The webhook is disabled."),
    "closed": _("The connection is closed, and its people are released."),
}
"""What was done on the page before, by the word in the address."""
ASKED: dict[tuple[str, str], Any] = {
    ("create", "User"): _("Create a person"),
    ("update", "User"): _("Change a person"),
    ("activate", "User"): _("Activate a person"),
    ("deactivate", "User"): _("Deactivate a person"),
    ("delete", "User"): _("Delete a person"),
    ("create", "Group"): _("Create a group"),
    ("update", "Group"): _("Change a group"),
    ("delete", "Group"): _("Delete a group"),
    ("bulk", ""): _("Change many at once"),
}
"""What was asked for, by action and resource type."""
OUTCOMES: dict[str, Any] = {
    Outcome.DONE: _("done"),
    Outcome.REFUSED: _("refused"),
    Outcome.FAILED: _("failed"),
}
REASONS: dict[tuple[int, str, str], Any] = {
    (400, "invalidValue", "Group"): _(
        "Usually, a member is not known here yet. Assign the people first, wait until they have "
        "arrived, then push the group again."
    ),
    (400, "invalidValue", ""): _(
        "A required value is missing or has the wrong form, such as an e-mail address that is "
        "none. Correct the person in your directory."
    ),
    (400, "mutability", ""): _(
        "The request would change what is read-only here, or remove what is required. Take the "
        "attribute out of the mapping in your identity provider."
    ),
    (400, "noTarget", ""): _(
        "The change is for a value that the person does not have here. Provision the whole person "
        "again."
    ),
    (400, "", ""): _(
        "The request is not one that is understood here. Check the mapping of attributes in your "
        "identity provider."
    ),
    (401, "", ""): _("The connection was closed or its token ended meanwhile; nothing changed."),
    (403, "mutability", ""): _(
        "The account is protected here, such as that of the last owner. Take the person out of the "
        "assignment in your identity provider."
    ),
    (403, "", ""): _("The token does not allow this. Make another token, and enter it there."),
    (404, "", ""): _(
        "Your identity provider remembers somebody who is no longer here. Take the person out of "
        "the assignment and put them back."
    ),
    (409, "uniqueness", "Group"): _("Another group of this connection has the same name."),
    (409, "uniqueness", ""): _(
        "The user name or address is in use here. Correct it in your directory, or ask the support "
        "of this site."
    ),
    (409, "", ""): _("It met another change; your identity provider tries again by itself."),
    (412, "", ""): _("It met another change; your identity provider tries again by itself."),
    (413, "", ""): _("The request was too large. Let your identity provider send less at once."),
    (429, "", ""): _("Too many requests; your identity provider comes back by itself."),
    (501, "", ""): _(
        "Your identity provider asks for what is not offered here. Turn it off there."
    ),
}
"""Why something was refused, by status, ``scimType`` and resource type."""
VALUE = _(
    "Correct the value in your directory, or the mapping of attributes there that makes it, and "
    "provision the person again."
)
OTHER_REFUSAL = _("It was refused for a reason of this site. Ask its support.")
FAILURE = _(
    "Something went wrong here, and nothing changed. Your identity provider tries again by itself; "
    "if it stays, ask the support of this site."
)


def asked_for(event: ProvisioningEvent) -> str:
    """Return what a request asked for."""
    found = ASKED.get((event.action, event.resource_type))
    if found is not None:
        return str(found)
    action = str(dict(Action.choices).get(event.action, event.action))
    return f"{action[:1].upper()}{action[1:]} {event.resource_type}".strip()


def reason_of(event: ProvisioningEvent) -> str:
    """Return why a request was not done, and what to do; nothing for one that was."""
    if event.outcome == Outcome.DONE:
        return ""
    status = event.status or 0
    if event.outcome == Outcome.FAILED and status != 501:
        return str(FAILURE)
    for key in (
        (status, event.scim_type, event.resource_type),
        (status, event.scim_type, ""),
        (status, "", ""),
    ):
        if key in REASONS:
            return str(REASONS[key])
    return str(OTHER_REFUSAL)


def failure_reason(failure: Failure) -> str:
    """Return what to do about somebody who is refused again and again."""
    of_value = failure.scim_type == "invalidValue" and failure.attribute
    if of_value and failure.resource_type != "Group":
        return str(VALUE)
    as_event = ProvisioningEvent(
        outcome=Outcome.REFUSED if failure.status < 500 else Outcome.FAILED,
        status=failure.status,
        scim_type=failure.scim_type,
        resource_type=failure.resource_type,
    )
    return reason_of(as_event)


def state_of_list(facts: Facts) -> tuple[Condition, str]:
    """Return the condition of a connection and the words of its badge."""
    top = headline(facts)
    return top.condition, top.badge


def sentence_for(facts: Facts) -> str:
    """Return what the condition of a connection means, for whoever runs the directory."""
    if condition_of(facts) is not Condition.FAILING:
        return headline(facts).sentence
    recent = facts.recent
    text = ngettext(
        "Since yesterday, %(problems)s of %(total)s change was not made.",
        "Since yesterday, %(problems)s of %(total)s changes were not made.",
        recent.total,
    )
    return text % {"problems": whole(recent.problems), "total": whole(recent.total)}


def product_name(profile: str) -> str:
    """Return what people call the identity provider of a profile."""
    return str(profile_titles().get(profile, profile))
