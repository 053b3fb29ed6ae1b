"""Users of the project are saved by compiled statements only where nobody would notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Value
from django.db.models.signals import post_save, pre_save
from django.db.models.sql.compiler import SQLInsertCompiler, SQLUpdateCompiler

from django_scim_provider.storage.users.writing.saving import save_user

pytestmark = pytest.mark.django_db


@contextmanager
def saves(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Yield the users whom Django's own ``save_base`` has saved."""
    found: list[Any] = []
    save_base: Any = User.save_base

    def note(user: Any, *args: Any, **kwargs: Any) -> None:
        found.append(user)
        save_base(user, *args, **kwargs)

    monkeypatch.setattr(User, "save_base", note)
    yield found


def stored(user: Any) -> dict[str, Any]:
    return dict(get_user_model()._default_manager.filter(pk=user.pk).values().get())


def test_new_user_is_as_django_would_have_stored_it() -> None:
    quick, usual = (User(username=name, email="E@x.example", is_active=False) for name in "ab")
    usual.date_joined = quick.date_joined
    save_user(quick, "default")
    usual.save(using="default", force_insert=True)

    assert quick.pk is not None
    assert (quick._state.adding, quick._state.db) == (False, "default")
    assert stored(quick) == {**stored(usual), "id": quick.pk, "username": "a"}


def test_only_what_changed_is_written(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("ann", "ann@x.example")
    django_user_model.objects.filter(pk=user.pk).update(email="other@x.example")
    user.first_name, user.last_name, user.email = "Ann", "Lee", "new@x.example"

    save_user(user, "default", ["first_name", "last_name"])

    found = stored(user)
    assert [found[name] for name in ("first_name", "last_name")] == ["Ann", "Lee"]
    assert found["email"] == "other@x.example"


def test_each_is_one_statement_that_was_compiled_before(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_user(User(username="bob"), "default")
    returns_keys = connection.features.can_return_columns_from_insert
    compiled: list[Any] = []
    for kind in (SQLInsertCompiler, SQLUpdateCompiler):
        as_sql: Any = kind.as_sql

        def note(compiler: Any, as_sql: Any = as_sql) -> Any:
            compiled.append(compiler)
            return as_sql(compiler)

        monkeypatch.setattr(kind, "as_sql", note)
    user = User(username="ann")
    with django_assert_num_queries(1):
        save_user(user, "default")
    with django_assert_num_queries(1):
        save_user(user, "default", ["first_name"])

    assert len(compiled) == (0 if returns_keys else 1)


@pytest.mark.parametrize("signal", [pre_save, post_save])
@pytest.mark.parametrize("sender", [User, None])
def test_receivers_hear_of_each(signal: Any, sender: Any) -> None:
    heard: list[Any] = []

    def hear(instance: Any, **told: Any) -> None:
        heard.append((instance, told["update_fields"]))

    user = User(username="ann")
    signal.connect(hear, sender=sender)
    try:
        save_user(user, "default")
        save_user(user, "default", ["email"])
    finally:
        signal.disconnect(hear, sender=sender)

    assert heard == [(user, None), (user, frozenset({"email"}))]


@pytest.mark.parametrize("method", ["save", "save_base", "_do_insert", "_do_update"])
def test_methods_of_the_project_run(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    calls: list[Any] = []
    own: Any = getattr(User, method)

    def replaced(user: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(user)
        return own(user, *args, **kwargs)

    monkeypatch.setattr(User, method, replaced)
    user = User(username="ann")
    save_user(user, "default")
    save_user(user, "default", ["email"])

    assert len(calls) == (1 if method.startswith("_do") else 2)


def test_new_password_is_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    user = User(username="ann")
    user.set_password("long enough")
    with saves(monkeypatch) as found:
        save_user(user, "default")

    assert found == [user]
    assert user._password is None  # type: ignore[attr-defined]  # not in the stubs


def test_value_that_only_the_database_knows_is_left_to_django(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user: Any = User(username="ann", first_name=Value("Ann"))
    with saves(monkeypatch) as found:
        save_user(user, "default")
        user.last_name = Value("Lee")
        save_user(user, "default", ["last_name"])

    assert found == [user, user]
    assert stored(user)["first_name"] == "Ann"


def test_user_with_a_key_and_names_of_no_fields_are_left_to_django() -> None:
    save_user(User(pk=77, username="ann"), "default")
    assert User.objects.get(pk=77).username == "ann"

    with pytest.raises(ValueError, match="nonsense"):
        save_user(User.objects.get(), "default", ["email", "nonsense"])
    save_user(User.objects.get(), "default", [])


def test_user_who_is_gone_is_an_error_of_djangos() -> None:
    user = User.objects.create_user("ann")
    User.objects.all().delete()

    with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
        save_user(user, "default", ["email"])


def test_refusal_ends_the_transaction_as_that_of_a_save_does() -> None:
    save_user(User(username="ann"), "default")

    with transaction.atomic():
        with pytest.raises(IntegrityError):
            save_user(User(username="ann"), "default")
        assert transaction.get_rollback()
        transaction.set_rollback(True)
    assert User.objects.count() == 1
