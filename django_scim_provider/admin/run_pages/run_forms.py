"""What people choose for a run."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_scim_provider.connections.recordings.rehearsing import has_own_code
from django_scim_provider.models import ProviderConnection
from django_scim_provider.tools.simulator.providers import PROVIDERS

MOST_PEOPLE = 50
OWN_CODE = _(
    "This project has code of its own that runs when people are written. What it does outside of "
    "the database, such as sending mail at once, is not undone."
)


def has_tools() -> bool:
    """Tell whether what doctor and simulator need is installed."""
    return all(find_spec(name) is not None for name in ("httpx2", "rich"))


class OwnCodeForm(forms.Form):
    """Has it confirmed that code of the project's runs, where there is such."""

    confirmed = forms.BooleanField(label=_("Run the project's own code, too"), help_text=OWN_CODE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_own_code():
            del self.fields["confirmed"]


class SimulatorForm(OwnCodeForm):
    """Whom the simulator plays, and how many people that one has."""

    product = forms.ChoiceField(label=_("Identity provider"))
    people = forms.IntegerField(
        label=_("Invented people"), min_value=1, max_value=MOST_PEOPLE, initial=10
    )
    field_order = ("product", "people", "confirmed")

    def __init__(self, *args: Any, connection: ProviderConnection, **kwargs: Any) -> None:
        first = connection.profile if connection.profile in PROVIDERS else next(iter(PROVIDERS))
        super().__init__(*args, initial={"product": first}, **kwargs)
        chosen: Any = self.fields["product"]
        chosen.choices = [(each.name, each.title) for each in PROVIDERS.values()]
