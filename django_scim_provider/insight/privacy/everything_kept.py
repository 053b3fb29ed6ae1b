"""Everything that is kept of people; a part that keeps something new declares it here."""

from __future__ import annotations

from django_scim_provider.insight.privacy.kept_data import KeptData
from django_scim_provider.insight.privacy.of_people import OF_PEOPLE
from django_scim_provider.insight.privacy.of_traces import OF_TRACES

DECLARED: tuple[KeptData, ...] = (*OF_PEOPLE, *OF_TRACES)
"""In the order of the page."""
