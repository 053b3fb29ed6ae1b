"""Differences in the words of forms and lists, and not in names of the code."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import translation

from django_scim_provider.admin.connection_pages.difference_words import (
    difference_in_words,
    groups_named,
)
from django_scim_provider.insight.drift import Aspect, Difference


@pytest.mark.parametrize(
    ("part", "name", "told"),
    [
        (Aspect.USER, "first_name", "user: first name"),
        (Aspect.USER, "is_active", "user: active"),
        (Aspect.USER, "pk", "user"),
        (Aspect.USER, "of_the_adapter", "user: of_the_adapter"),
        (Aspect.ACCOUNT, "user_name", "account: user name"),
        (Aspect.ACCOUNT, "emails", "account: e-mail addresses"),
        (Aspect.GROUP, "display_name", "group: display name"),
        (Aspect.GROUP, "folded", "group: what searches find it by"),
        (Aspect.MEMBERSHIP, "membership", "membership"),
        (Aspect.ROLE, "organization_role admin", "role admin in the organization"),
        (Aspect.ROLE, "project_role chief editor", "role chief editor"),
    ],
)
def test_words(part: Aspect, name: str, told: str) -> None:
    with translation.override("en"):
        assert difference_in_words(Difference(part=part, name=name), {}) == told


@pytest.mark.django_db
def test_django_groups_have_their_names() -> None:
    group = Group.objects.create(name="Crew")
    there = Difference(part=Aspect.ROLE, name=f"django_group {group.pk}")
    gone = Difference(part=Aspect.ROLE, name="django_group 987654")

    groups = groups_named([there, gone])

    with translation.override("en"):
        told = [difference_in_words(each, groups) for each in (there, gone)]
    assert told == ["Django group Crew", "Django group 987654"]
