"""Filters without quotes (goauthentik/authentik issue 16455)."""

from __future__ import annotations

import pytest

from django_scim_provider.core.filters.unquoted import with_quotes


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("userName eq akadmin", 'userName eq "akadmin"'),
        ("userName eq ann.lee+x@x.example", 'userName eq "ann.lee+x@x.example"'),
        ("  userName EQ  ann ", 'userName EQ "ann"'),
        ("userName eq back\\slash", r'userName eq "back\\slash"'),
        ("name.givenName eq Ann", 'name.givenName eq "Ann"'),
        ("userName sw O", 'userName sw "O"'),
        (
            "meta.created gt 2015-10-10T14:38:21.86-07:00",
            'meta.created gt "2015-10-10T14:38:21.86-07:00"',
        ),
    ],
)
def test_one_comparison_gets_its_quotes(sent: str, read: str) -> None:
    assert with_quotes(sent) == read


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ann"',
        "active eq true",
        "active eq FALSE",
        "manager eq null",
        "number eq 5",
        "number eq -1.5",
        "userName eq ann lee",
        "userName eq ann and title eq boss",
        "userName sw ann lee",
        "userName is ann",
        "userName eq x or userName pr",
        "userName eq",
        'emails[type eq "work"].value eq ann',
        "(userName eq ann)",
        "",
    ],
)
def test_every_other_filter_stays_as_it_is(text: str) -> None:
    assert with_quotes(text) == text
