"""Boxes that find what is typed, by the machinery of Django's admin, on addresses of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Field
from django.utils.translation import gettext


class FindingAutocomplete(AutocompleteSelect):
    """Django's own, with a text in the empty box, and a name to be read out."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """Add the text."""
        found: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        return {**found, "data-placeholder": gettext("Find by name")}

    @property
    def media(self) -> forms.Media:
        """Return Django's scripts, and the one that names the boxes."""
        return super().media + forms.Media(js=["django_scim_provider/named_boxes.js"])


class FindingSelect(FindingAutocomplete):
    """A select whose choices an address finds; ``names`` says what those chosen are called.

    The address answers as Django's autocomplete does: ``results`` with ``id`` and ``text``, and
    ``pagination``.
    """

    def __init__(
        self,
        field: Field[Any, Any],
        admin_site: Any,
        *,
        address: str,
        names: Callable[[list[str]], Mapping[str, str]],
    ) -> None:
        super().__init__(field, admin_site)
        self.address = address
        self.names = names

    def get_url(self) -> str:
        """Return the address that is asked."""
        return self.address

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> list[Any]:
        """Return what is chosen; the address finds the others."""
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        chosen = [str(key) for key in value if key]
        names = self.names(chosen) if chosen else {}
        for number, key in enumerate(chosen, start=len(options)):
            label = names.get(key, key)
            options.append(self.create_option(name, key, label, True, number))
        return [(None, options, 0)]
