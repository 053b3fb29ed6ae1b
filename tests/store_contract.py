"""What every ``ResourceStore`` of users has to do; one suite, run over each implementation.

A test module subclasses ``StoreContract`` and gives it a ``store`` fixture.
"""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import PreconditionFailed, Uniqueness
from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource, Target
from django_scim_provider.core.stored_text import checked, id_of
from django_scim_provider.core.stores import Query, ResourceStore, Sort, Stored

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def user(user_name: str, /, **attributes: Any) -> Resource:
    """Return a canonical user resource."""
    return {"schemas": [CORE], "userName": user_name, **attributes}


def names(store: ResourceStore, text: str, **query: Any) -> list[str]:
    """Return the user names that a filter finds, in order."""
    bound = bind_text(text, USER, GENERIC)
    page = store.query(Query(filter=bound, limit=query.pop("limit", 50), **query))
    return [Stored("", 1, text).resource()["userName"] for text in page.texts]


def keep(current: Stored) -> Resource:
    """Return the present content: a change that changes nothing."""
    return {k: v for k, v in current.resource().items() if k not in ("id", "meta")}


class StoreContract:
    """The contract."""

    def test_created_user_is_read_back(self, store: ResourceStore) -> None:
        stored, made = store.create(user("ann", title="T"))

        found = store.get(stored.id)

        assert made
        assert found is not None
        assert found.resource()["title"] == "T"
        assert found.version == 1

    def test_text_begins_with_the_id_and_ends_with_meta(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        assert checked(stored.text, stored.id) == stored.text
        assert id_of(stored.text) == stored.id
        assert stored.text.endswith('"version":"W/\\"1\\""}}')
        assert list(stored.resource())[-1] == "meta"

    def test_password_is_not_stored(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann", password="s3cret-s3cret"))

        assert "s3cret" not in stored.text

    def test_active_is_true_where_it_is_not_said(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        assert stored.resource()["active"] is True

    def test_unknown_id_is_none(self, store: ResourceStore) -> None:
        assert store.get(UNKNOWN) is None
        assert store.get("x") is None
        assert store.update(UNKNOWN, keep) is None
        assert not store.delete(UNKNOWN, lambda current: None)

    @pytest.mark.parametrize(
        "second",
        [user("ANN"), user("ann", externalId="e2")],
        ids=["name-in-other-case", "name"],
    )
    def test_taken_key_is_refused(self, store: ResourceStore, second: Resource) -> None:
        store.create(user("ann", externalId="e1"))

        with pytest.raises(Uniqueness):
            store.create(second)

        assert names(store, "userName pr") == ["ann"]

    def test_external_id_and_name_are_apart(self, store: ResourceStore) -> None:
        store.create(user("ann", externalId="e1"))

        store.create(user("bob", externalId="e1"))
        store.create(user("e1", externalId="ann"))

        assert names(store, 'externalId eq "e1"') == ["ann", "bob"]

    def test_update_raises_the_version(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        updated = store.update(stored.id, lambda current: user("ann", title="New"))

        assert updated is not None
        assert (updated.version, updated.resource()["title"]) == (2, "New")
        assert updated.resource()["meta"]["lastModified"] > stored.resource()["meta"]["created"]
        assert updated.resource()["meta"]["created"] == stored.resource()["meta"]["created"]

    def test_change_without_difference_keeps_the_version(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann", title="T"))

        assert store.update(stored.id, keep) == stored

    def test_update_to_a_taken_name_changes_nothing(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))
        store.create(user("bob"))

        with pytest.raises(Uniqueness):
            store.update(stored.id, lambda current: user("BOB", title="x"))

        assert store.get(stored.id) == stored

    def test_user_keeps_its_own_name(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        updated = store.update(stored.id, lambda current: user("ANN"))

        assert updated is not None
        assert updated.resource()["userName"] == "ANN"

    def test_raising_change_leaves_the_user(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        def refuse(current: Stored) -> Resource:
            raise PreconditionFailed()

        with pytest.raises(PreconditionFailed):
            store.update(stored.id, refuse)

        assert store.get(stored.id) == stored

    def test_deleted_user_is_gone_and_its_name_is_free(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann", externalId="e1"))

        assert store.delete(stored.id, lambda current: None)

        assert store.get(stored.id) is None
        again, _ = store.create(user("ann", externalId="e1"))
        assert again.id != stored.id

    def test_refused_delete_leaves_the_user(self, store: ResourceStore) -> None:
        stored, _ = store.create(user("ann"))

        def refuse(current: Stored) -> None:
            raise PreconditionFailed()

        with pytest.raises(PreconditionFailed):
            store.delete(stored.id, refuse)

        assert store.get(stored.id) == stored

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('userName eq "ANN"', ["ann"]),
            ('userName ne "ann"', ["bob", "cy"]),
            ('externalId eq "E1"', []),
            ('externalId eq "e1"', ["ann"]),
            ('not (externalId eq "e1")', ["bob", "cy"]),
            ('title eq "boss" or userName eq "cy" and active eq true', ["bob"]),
            ("active eq false", ["cy"]),
            ('emails.value eq "ANN@x.example"', ["ann"]),
            ('emails[type eq "work" and value co "x.example"]', ["ann"]),
            ('not (emails[type eq "work"])', ["bob", "cy"]),
            ("title pr", ["ann", "bob"]),
            ('title eq "no%"', []),
            ('name.familyName gt "k"', ["cy"]),
            ('meta.created gt "2000-01-01T00:00:00+01:00"', ["ann", "bob", "cy"]),
        ],
    )
    def test_filter_finds(self, store: ResourceStore, text: str, expected: list[str]) -> None:
        work = [{"value": "ann@x.example", "type": "work"}, {"value": "b@y.example"}]
        store.create(user("ann", externalId="e1", title="Chief", emails=work))
        store.create(user("bob", title="Boss", emails=[{"value": "z@x.example", "type": "home"}]))
        store.create(user("cy", active=False, name={"familyName": "Zed"}))

        assert names(store, text) == expected

    def test_index_pages_cover_all_once(self, store: ResourceStore) -> None:
        for name in "abcde":
            store.create(user(name))

        pages = [store.query(Query(offset=offset, limit=2)) for offset in (0, 2, 4, 6)]

        assert [len(page.texts) for page in pages] == [2, 2, 1, 0]
        assert {page.total for page in pages} == {5}

    @pytest.mark.parametrize("descending", [False, True])
    def test_sorted_cursor_pages_cover_all_once(
        self, store: ResourceStore, descending: bool
    ) -> None:
        for name, title in [("a", "Z"), ("b", None), ("c", "m"), ("d", None), ("e", "Z")]:
            store.create(user(name, **({"title": title} if title else {})))
        title_attribute = USER.core_attribute("title")
        assert title_attribute is not None
        sort = Sort(Target(title_attribute), descending)
        found: list[str] = []
        position = None

        for _ in range(3):
            page = store.query(Query(limit=2, sort=sort, by_cursor=True, after=position))
            found += [Stored("", 1, text).resource()["userName"] for text in page.texts]
            position = page.next

        assert position is None
        assert found == (["b", "d", "a", "e", "c"] if descending else ["c", "a", "e", "b", "d"])

    @pytest.mark.parametrize("by_cursor", [False, True])
    def test_limit_of_none_asks_for_the_total(self, store: ResourceStore, by_cursor: bool) -> None:
        for name in "abc":
            store.create(user(name))

        page = store.query(Query(limit=0, by_cursor=by_cursor))

        assert (page.size, page.total, page.next) == (0, 3, None)
