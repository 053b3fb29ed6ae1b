"""Exceptions in the log: the way to the fault, without what the exception says."""

from __future__ import annotations

import traceback
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError, transaction

from django_scim_provider.core.errors import NotPrepared
from django_scim_provider.observability.faults import MAX_CHAIN, for_log


def raised(exc: BaseException, cause: BaseException | None = None) -> BaseException:
    """Return the exception as it is after it was raised."""
    try:
        raise exc from cause
    except type(exc) as caught:
        return caught


def printed(exc: BaseException) -> str:
    return "".join(traceback.format_exception(for_log(exc)))


def test_text_is_withheld_and_frames_and_chain_are_kept() -> None:
    fault = raised(ValueError("about Ann"), raised(LookupError("about Bob")))

    text = printed(fault)

    assert "Ann" not in text
    assert "Bob" not in text
    assert text.index("LookupError: text withheld") < text.index("direct cause")
    assert text.rstrip().endswith("ValueError: text withheld")
    assert text.count("in raised") == 2


def test_context_is_kept_unless_it_was_suppressed() -> None:
    def fail(cut: bool) -> BaseException:
        try:
            try:
                raise LookupError("first")
            except LookupError:
                if cut:
                    raise ValueError("second") from None
                raise ValueError("second")  # noqa: B904 - the context is what is tested
        except ValueError as second:
            return second

    assert "LookupError: text withheld" in printed(fail(cut=False))
    assert "LookupError: text withheld" not in printed(fail(cut=True))


@pytest.mark.parametrize("kind", [AttributeError, ImportError, NameError, TypeError])
def test_words_of_python_are_kept(kind: type[Exception]) -> None:
    assert f"{kind.__name__}: no such name" in printed(raised(kind("no such name")))


def test_what_a_project_lacks_is_told_to_its_operator() -> None:
    fault = raised(NotPrepared.lacks("birth"), raised(IntegrityError("birth of Ann")))

    text = printed(fault)

    assert "NotPrepared: This service needs a value for 'birth'" in text
    assert "Ann" not in text


def test_name_of_the_class_is_the_one_of_the_exception() -> None:
    shadow = for_log(IntegrityError("about Ann"))

    assert type(shadow).__name__ == "IntegrityError"
    assert printed(shadow) == "django.db.utils.IntegrityError: text withheld\n"


def test_codes_and_names_of_databases_are_told() -> None:
    driver: Any = RuntimeError("Key (username)=(ann) exists")
    driver.sqlstate = "23505"
    driver.diag = SimpleNamespace(
        table_name="auth_user", column_name=None, constraint_name="auth_user_username_key"
    )

    assert "text withheld 23505 auth_user auth_user_username_key" in printed(driver)
    assert "text withheld 1062" in printed(OperationalError(1062, "Duplicate entry 'ann'"))
    assert "1062" not in printed(ValueError(1062))


@pytest.mark.django_db
def test_real_error_of_the_database_quotes_no_value() -> None:
    model, name = get_user_model(), "-".join(["ann", "unmistakable"])
    model._default_manager.create(**{model.USERNAME_FIELD: name})
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        model._default_manager.create(**{model.USERNAME_FIELD: name})

    text = printed(caught.value)

    assert "django.db.utils.IntegrityError: text withheld" in text
    assert name not in text


def test_everything_is_told_under_debug(settings: Any) -> None:
    settings.DEBUG = True
    fault = raised(ValueError("about Ann"))

    assert for_log(fault) is fault


def test_endless_chain_ends() -> None:
    fault: BaseException = ValueError("0")
    for number in range(MAX_CHAIN * 3):
        fault = raised(ValueError(str(number)), fault)

    assert printed(fault).count("text withheld") == MAX_CHAIN + 1
