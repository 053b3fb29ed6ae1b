"""No page of the portal is left out where it is tried who may open which."""

from __future__ import annotations

from django_scim_provider.portal_urls import urlpatterns
from tests.portal.test_who_may import PAGES

OF_NO_CONNECTION = {"connections", "log-in-again", "choose", "connect", "mend"}
"""Pages with tests of their own."""


def test_each_page_of_the_portal_is_among_them() -> None:
    assert {route.name for route in urlpatterns} == {*PAGES, *OF_NO_CONNECTION}
