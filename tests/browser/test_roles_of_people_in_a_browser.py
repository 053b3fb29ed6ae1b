"""Who gets a role is chosen in plain words: by an attribute, or everybody."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.test_previews_in_a_browser import push
from tests.browser.walking import choose, follow

LANGUAGES = ("en",)
"""The walks that an administrator goes each week are in the other languages as well."""


def test_giving_a_role_by_an_attribute_and_to_everybody(
    site: Site, window: BrowserContext, looker: Looker
) -> None:
    push(site, "initech")
    page = window.new_page()
    page.goto("/admin/scim_provider/rolemapping/add/?provider=initech")
    boxes = ("#id_group_name", "#id_person_attribute", "#id_person_value")
    assert [page.is_visible(each) for each in boxes] == [True, False, False]

    # A group is asked for first; another choice shows what it needs and no more.
    page.check("input[name=source][value=attribute]")
    assert [page.is_visible(each) for each in boxes] == [False, True, True]
    page.fill("#id_person_attribute", "userName")
    page.fill("#id_person_value", "person00@initech.example")
    choose(page, "django_group", "Editors")
    looker.look(page, "mapping-by-attribute")
    follow(page, "text='See who gains and who loses'")
    assert "1 person gains it" in page.inner_text(".scim-effects")
    follow(page, "text='Save and apply'")
    assert "1 person gained it" in page.inner_text(".messagelist")

    page.goto("/admin/scim_provider/rolemapping/add/?provider=initech")
    page.check("input[name=source][value=everyone]")
    assert [page.is_visible(each) for each in boxes] == [False, False, False]
    choose(page, "django_group", "Editors")
    follow(page, "text='See who gains and who loses'")
    assert "12 people gain it" in page.inner_text(".scim-effects")
    looker.look(page, "mapping-of-everybody")
    follow(page, "text='Save and apply'")
    looker.look(page, "mappings-of-people")
    page.close()
