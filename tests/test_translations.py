"""German and French: complete, with the placeholders of the English, and compiled."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

import django_scim_provider
from django_scim_provider.connections.products.attribute_maps import MAPS
from tests.factories import make_connection

LOCALE = Path(django_scim_provider.__file__).parent / "locale"
LANGUAGES = ("de", "fr")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalog(language: str) -> Catalog:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the translations by context and text; plurals are several texts."""
    return {
        (_context(message), *_forms(message.id)): _forms(message.string or "")
        for message in catalog
        if message.id
    }


def _context(message: Message) -> str:
    """Return the context; compiled catalogs give it as bytes."""
    context: str | bytes = message.context or ""
    return context.decode() if isinstance(context, bytes) else context


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_each_text_is_translated(catalog: Catalog) -> None:
    missing = [message.id for message in catalog if message.id and not message.string]
    fuzzy = [message.id for message in catalog if message.id and message.fuzzy]

    assert (missing, fuzzy) == ([], [])


def test_placeholders_are_those_of_the_english(catalog: Catalog) -> None:
    assert [(message.id, errors) for message, errors in catalog.check()] == []


def test_compiled_catalog_is_the_written_one(catalog: Catalog, language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = read_mo(file)

    assert texts(compiled) == texts(catalog)


@pytest.mark.django_db
def test_pages_of_the_admin_speak_the_language(root: Client, language: str) -> None:
    connection = make_connection()
    names = ("change", "setup", "health", "drift", "switch", "decommission", "generate_token")
    addresses = [
        reverse(f"admin:scim_provider_providerconnection_{name}", args=[connection.pk])
        for name in names
    ]
    english = [root.get(address).content.decode() for address in addresses]
    root.cookies.load({settings.LANGUAGE_COOKIE_NAME: language})

    with override(language):
        pages = [root.get(address).content.decode() for address in addresses]

    assert all(one != other for one, other in zip(english, pages, strict=True))


def test_attributes_that_are_described_speak_the_language(language: str) -> None:
    described = [
        line.source for lines in MAPS.values() for line in lines if not isinstance(line.source, str)
    ]
    english = [str(source) for source in described]

    with override(language):
        assert not set(english) & {str(source) for source in described}
    assert "id of the person at Okta" in english
