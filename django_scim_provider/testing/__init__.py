"""A kit for the tests of projects: clients, identity providers, rows and assertions.

Nothing here needs pytest, so that it serves ``django.test.TestCase`` as well; the fixtures over it
are ``django_scim_provider.pytest_plugin``. See :doc:`/how-to/test-your-project`.
"""

from __future__ import annotations

from django_scim_provider.testing.expected import (
    assert_answered,
    assert_deprovisioned,
    assert_provisioned,
    assert_refused,
)
from django_scim_provider.testing.identity_provider import FakeIdP
from django_scim_provider.testing.made_rows import (
    client_of,
    found_or_made,
    make_connection,
    make_token,
)
from django_scim_provider.testing.scim_client import SCIMAnswer, SCIMTestClient

__all__ = [
    "FakeIdP",
    "SCIMAnswer",
    "SCIMTestClient",
    "assert_answered",
    "assert_deprovisioned",
    "assert_provisioned",
    "assert_refused",
    "client_of",
    "found_or_made",
    "make_connection",
    "make_token",
]
