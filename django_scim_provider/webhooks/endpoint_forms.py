"""What is asked about a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.outgoing.webhook_endpoints import CHOSEN, MAX_ADDRESS_LENGTH


class WebhookForm(forms.Form):
    """A new webhook."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    """The key of its row; the form makes one however often it is sent."""
    address = forms.CharField(
        label=_("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url"}),
        help_text=_("Begins with https:// and leads to a public address."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("It is told when"),
        choices=[(kind.value, kind.label) for kind in CHOSEN],
        initial=[kind.value for kind in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
    )
    of_all = forms.BooleanField(
        label=_("Of all connections of this project"),
        required=False,
        help_text=_("Not only of this one. Only superusers see and change such a webhook."),
    )

    def __init__(self, *args: Any, may_be_of_all: bool, **kwargs: Any) -> None:
        """Ask superusers alone whether it is of all connections (``may_be_of_all``)."""
        super().__init__(*args, **kwargs)
        if not may_be_of_all:
            del self.fields["of_all"]


class WebhookActionForm(forms.Form):
    """What a button does to a webhook that is there."""

    action = forms.ChoiceField(
        choices=[
            (each, each) for each in ("rotate", "enable", "disable", "remove", "test", "resend")
        ]
    )
    endpoint = forms.UUIDField()
    message = forms.UUIDField(required=False)
    """One of those that were given up; all of them without it."""
    known = forms.CharField(required=False, max_length=64)
    """The digest of the secret that the page knew."""
