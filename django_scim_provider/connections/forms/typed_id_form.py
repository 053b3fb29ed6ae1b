"""Typing the id of a connection, so that nobody closes one by mistake."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class TypedIdForm(forms.Form):
    """Has the id typed; whoever asks says by which label and what else is asked."""

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        """Take the id that has to be typed."""
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_provider_id(self) -> str:
        """Compare what was typed.

        Raises:
            ValidationError: it is another id.
        """
        typed: str = self.cleaned_data["provider_id"]
        if typed != self.expected:
            raise ValidationError(_("This is not the id of the connection."))
        return typed
