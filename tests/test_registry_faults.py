"""What names no resource type or extension is said in one sentence, since URLs are made of it.

Django imports the URLs before the system checks can report, so whoever sets something wrong sees
what is raised here.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_scim_provider.registry import get_registry

NOTHING = 42


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"EXTENSIONS": [f"{__name__}.NOTHING"]}, "['EXTENSIONS'] must be a dict of lists."),
        (
            {"EXTENSIONS": {"User": f"{__name__}.NOTHING"}},
            "['EXTENSIONS']['User'] must be a list of dotted paths.",
        ),
        (
            {"EXTENSIONS": {"User": [f"{__name__}.NOTHING"]}},
            f"['EXTENSIONS']: '{__name__}.NOTHING' is not a Schema or a SchemaExtension.",
        ),
        ({"RESOURCE_TYPES": "shop.scim.X"}, "['RESOURCE_TYPES'] must be a list of dotted paths."),
        (
            {"RESOURCE_TYPES": [f"{__name__}.NOTHING"]},
            f"['RESOURCE_TYPES']: '{__name__}.NOTHING' is not a Registration.",
        ),
    ],
)
def test_fault_is_said_in_one_sentence(settings: Any, setting: Any, said: str) -> None:
    settings.SCIM_PROVIDER = setting

    with pytest.raises(ImproperlyConfigured) as raised:
        get_registry()

    assert str(raised.value) == f"SCIM_PROVIDER{said}"
