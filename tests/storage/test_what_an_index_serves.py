"""Which filters an index serves, so that they need no time limit."""

from __future__ import annotations

import pytest

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import GROUP as GROUPS
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.groups.filter_columns import group_columns
from django_scim_provider.storage.sql.searching.lookups import reach
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.filter_columns import user_columns
from tests.scim_client import ENTERPRISE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("expression", "bounded"),
    [
        ('userName eq "a"', True),
        ('userName sw "a"', True),
        ('userName sw ""', False),
        ('userName gt "a"', True),
        ('userName co "a"', False),
        ('userName ew "a"', False),
        ('userName ne "a"', False),
        ("userName pr", False),
        ('id eq "018f0000-0000-7000-8000-000000000001"', True),
        ('id co "a"', False),
        ('id ne "a"', False),
        ("active eq true", False),
        ('meta.lastModified ge "2020-01-01T00:00:00Z"', True),
        ('meta.lastModified co "2020"', False),
        ('meta.created ge "2020-01-01T00:00:00Z"', False),
        ('emails.value eq "a"', True),
        ('emails.value sw "a"', True),
        ('emails.value sw ""', False),
        ('emails.value co "a"', False),
        ('emails.type sw "a"', False),
        ('emails[value eq "a" and type eq "work"]', True),
        ('emails[value eq "a" or type eq "work"]', False),
        ('emails[value eq "a" and display co "b"]', False),
        ("emails pr", False),
        ('groups.value eq "018f0000-0000-7000-8000-000000000001"', True),
        ('groups.display eq "a"', True),
        ('groups.display co "a"', False),
        ('name.familyName eq "a"', True),
        ('name.familyName sw "a" and active eq true', True),
        ('name.givenName sw "a"', True),
        ('displayName gt "a"', False),
        ('name.familyName sw ""', False),
        ('name.familyName co "a"', False),
        ('name.familyName ne "a"', False),
        ('name.familyName eq "a" or name.givenName eq "b"', True),
        ('name.familyName eq "a" or userName eq "b"', False),
        ('name.formatted sw "a"', False),
        ('phoneNumbers[value co "a"]', False),
        ('userName eq "a" and title co "b"', True),
        ('title co "b" and externalId eq "a"', False),
        ('userName sw "a" and title co "b"', False),
        ('userName sw "a" and active eq true', True),
        ('emails.value eq "a" and active eq true', True),
        ('emails.value eq "a" and title co "b"', False),
        ('userName pr and title co "b"', False),
        ('userName ne "a" and externalId ne "b"', False),
        ('userName eq "a" or externalId eq "b"', True),
        ('userName eq "a" or title co "b"', False),
        ('userName eq "a" or emails.value eq "b"', False),
        ('(userName eq "a" or title co "b") and externalId eq "c"', False),
        ('not (userName eq "a")', False),
        ('not (title co "a") and userName eq "b"', True),
    ],
)
def test_what_an_index_serves(expression: str, bounded: bool) -> None:
    bound = bind_text(expression, USER, GENERIC)
    columns = user_columns("acme", "https://x.example")

    assert reach(bound, columns, LinkedAccount).is_bounded is bounded


@pytest.mark.parametrize(
    "expression",
    [
        'title eq "a"',
        'title eq "a" and active eq true',
        'title eq "a" or nickName eq "b"',
        f'{ENTERPRISE}:department eq "a"',
        'phoneNumbers[type eq "work" and value eq "1"]',
        'phoneNumbers.value eq "1"',
        'name[formatted eq "a"]',
    ],
)
def test_one_index_serves_every_equation_where_there_is_such(expression: str) -> None:
    bound = bind_text(expression, USER, GENERIC)
    columns = user_columns("acme", "https://x.example")
    together = bind_text(f'({expression}) or userName eq "a"', USER, GENERIC)

    found = reach(bound, columns, LinkedAccount).is_bounded

    assert found is vendor_of("default").contains_documents
    assert not reach(together, columns, LinkedAccount).is_bounded


@pytest.mark.parametrize(
    ("expression", "bounded"),
    [
        ('displayName eq "a"', True),
        ('displayName eq "a" and members.display co "b"', False),
        ('members.value eq "018f0000-0000-7000-8000-000000000001"', True),
        ('members.display eq "a"', False),
        ("members pr", False),
    ],
)
def test_what_an_index_serves_of_groups(expression: str, bounded: bool) -> None:
    bound = bind_text(expression, GROUPS, GENERIC)

    found = reach(bound, group_columns("acme", "https://x.example"), ProvisionedGroup)

    assert found.is_bounded is bounded
