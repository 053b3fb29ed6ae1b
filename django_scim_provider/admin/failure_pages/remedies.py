"""What would have let a refused request pass: a switch of the profile, or another value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.advice import advice_for
from django_scim_provider.core.errors import USER
from django_scim_provider.core.profiles import Profile
from django_scim_provider.models import Failure


@dataclass(frozen=True, slots=True)
class _Switch:
    """A switch that lets a request pass where it is on, or where it is off."""

    name: str
    sentence: str
    """A regular expression for the sentence of the answer."""
    scim_type: str
    lets_pass_when: bool = True


_SWITCHES = (
    _Switch("several_primaries", r"only one primary", "invalidValue"),
    _Switch("texts_as_addresses", r"^emails.*valid e-?mail", "invalidValue"),
    _Switch("booleans_as_text", r"must be true or false", "invalidValue"),
    _Switch("leave_out_unknown", r"is not an attribute that a schema defines", "invalidSyntax"),
    _Switch("leave_out_unknown_paths", r"is not an attribute of", "invalidPath"),
    _Switch("create_missing_value", r"matches the path", "noTarget"),
    _Switch("simple_for_complex", r"must be an object, not (text|a text)", "invalidValue"),
    _Switch("single_object_for_list", r"must be a list", "invalidValue"),
    _Switch("unique_group_names", r"^displayName is already", "uniqueness", lets_pass_when=False),
)


def switch_for(failure: Failure, profile: Profile) -> str | None:
    """Return the switch that, the other way round, would have let the request pass, or None."""
    for each in _SWITCHES:
        fits = failure.scim_type == each.scim_type and re.search(each.sentence, failure.detail)
        if fits and getattr(profile, each.name) is not each.lets_pass_when:
            return each.name
    return None


_ADDRESS = _(
    "Send another address of this person: choose it in the attribute mapping of the identity "
    "provider, or correct it in the directory."
)
_NAME = _(
    "Send another user name for this person, or find out in the directory whether both are the "
    "same person."
)
_EXISTS = _(
    "The account is there. Let the identity provider look for it by its user name before it "
    "creates it, or import users there, so that it finds the account."
)
_AWAY = _(
    "The account is there and inactive. Let the identity provider look for it by its user name, "
    "and it will be activated."
)
_REQUIRED = _(
    "Fill in the attribute in the directory, and see that the attribute mapping of the identity "
    "provider sends it."
)
_VALUE = _(
    "Correct the value in the directory, or the attribute mapping of the identity provider that "
    "makes it."
)
_GROUP = _("Give one of the two groups another name in the directory.")


def told_what_to_do(failure: Failure, *, is_away: bool) -> Any:
    """Return what to do in the identity provider; ``is_away``: the account in the way is inactive.

    The sentence of a refusal does not tell who has a value; here it is known.
    """
    attribute = failure.attribute
    if failure.scim_type == "uniqueness":
        if failure.resource_type == "Group":
            return _GROUP
        if failure.collides_type not in ("", USER) and failure.action == "create":
            return _AWAY if is_away else _EXISTS
        return _ADDRESS if attribute.startswith("emails") else _NAME
    if failure.scim_type == "invalidValue" and attribute:
        if "is required" in failure.detail:
            return _REQUIRED
        return _ADDRESS if attribute == "emails.value" else _VALUE
    return advice_for(failure.status, failure.scim_type, failure.action, failure.resource_type).text
