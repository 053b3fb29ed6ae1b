"""What people are asked about a new token, in the admin and in the portal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_DAYS = 3660
MAX_OVERLAP_HOURS = 24 * 31


DEFAULT_OVERLAP = 24
"""Hours in which the new token can be entered while the old one still works."""


class BaseTokenForm(forms.Form):
    """What a new token is like; earlier ones live on for a day unless somebody says otherwise."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    """The key of the token's row; the form makes one token however often it is sent."""
    label = forms.CharField(label=_("Label"), max_length=255, required=False)
    expires_in = forms.IntegerField(
        label=_("Valid for (days)"),
        min_value=1,
        max_value=MAX_DAYS,
        required=False,
        help_text=_("Empty: until it is revoked."),
    )
    overlap = forms.IntegerField(
        label=_("Hours that earlier tokens stay valid"),
        min_value=1,
        max_value=MAX_OVERLAP_HOURS,
        initial=DEFAULT_OVERLAP,
        required=False,
        help_text=_("The time to enter the new token in the identity provider. Empty: 24."),
    )
    at_once = forms.BooleanField(
        label=_("Stop earlier tokens at once"),
        required=False,
        help_text=_(
            "For a token that somebody else may have seen. The identity provider is refused until "
            "the new one is entered there."
        ),
    )

    def __init__(self, *args: Any, rotates: bool, **kwargs: Any) -> None:
        """Ask for the overlap only where there are earlier tokens (``rotates``)."""
        super().__init__(*args, **kwargs)
        if not rotates:
            del self.fields["overlap"], self.fields["at_once"]

    def arguments(self) -> dict[str, Any]:
        """Return the answers as ``generate_scim_token`` takes them."""
        answers = self.cleaned_data
        days, hours = answers["expires_in"], answers.get("overlap") or DEFAULT_OVERLAP
        at_once = answers.get("at_once", True)
        return {
            "key": answers["key"],
            "label": answers["label"],
            "expires_in": timedelta(days=days) if days else None,
            "overlap": None if at_once else timedelta(hours=hours),
        }
