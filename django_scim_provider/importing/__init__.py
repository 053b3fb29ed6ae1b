"""Moving in: people and groups whom another implementation provisioned, under the ids of before.

People are users of the project already. They get accounts of a connection that stand for the very
same users, and nothing of the users changes; an identity provider goes on asking for the ids, names
and ``externalId`` that it has noted. What is there already is left as it is, so that an import that
was interrupted is run again, and finishes.
"""

from __future__ import annotations

from django_scim_provider.importing.group_import import import_groups
from django_scim_provider.importing.import_report import ImportOutcome, ImportReport, ReportLine
from django_scim_provider.importing.options import ImportOptions
from django_scim_provider.importing.people_import import import_people
from django_scim_provider.importing.records import ImportedGroup, ImportedPerson

__all__ = [
    "ImportOptions",
    "ImportOutcome",
    "ImportReport",
    "ImportedGroup",
    "ImportedPerson",
    "ReportLine",
    "import_groups",
    "import_people",
]
