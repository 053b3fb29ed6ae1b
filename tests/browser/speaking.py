"""What a walk calls what it clicks on: English texts in the language of the browser.

The catalogs are those that the example project serves, in the order in which Django asks them: of
a text that Django's admin has as well, it takes the admin's translation.
"""

from __future__ import annotations

import gettext
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import django
import organizations
import rest_framework
from babel.messages.mofile import read_mo
from django.utils.text import capfirst

import django_scim_provider
from tests.browser.site import PROJECT

LANGUAGES = ("en", "de", "fr")
OURS = Path(django_scim_provider.__file__).parent / "locale"
_DJANGO = Path(django.__file__).parent
_APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
_CATALOGS = (
    *(_DJANGO / "contrib" / name / "locale" for name in _APPS),
    *(Path(package.__path__[0]) / "locale" for package in (rest_framework, organizations)),
    OURS,
    PROJECT / "example" / "locale",
    _DJANGO / "conf" / "locale",
)
"""As the example's ``INSTALLED_APPS`` are ordered; Django's own come last."""


class _Unknown(gettext.NullTranslations):
    """What is asked last, when no catalog has a text."""

    def gettext(self, message: str) -> NoReturn:
        raise AssertionError(f"{message!r} is in no catalog")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> NoReturn:
        raise AssertionError(f"{msgid2!r} is in no catalog")

    def pgettext(self, context: str, message: str) -> NoReturn:
        raise AssertionError(f"{message!r} is in no catalog as {context!r}")


def _translations(language: str) -> gettext.NullTranslations:
    """Return the catalogs of a language; the first that has a text decides."""
    found: gettext.NullTranslations = _Unknown()
    for folder in reversed(_CATALOGS):
        path = folder / language / "LC_MESSAGES" / "django.mo"
        if path.is_file():
            with path.open("rb") as file:
                one = gettext.GNUTranslations(file)
            one.add_fallback(found)
            found = one
    return found


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says English texts in a language."""

    language: str
    """One of ``LANGUAGES``."""
    translations: gettext.NullTranslations

    def __call__(self, text: str, /, **values: object) -> str:
        """Return a text with its placeholders filled in.

        Raises:
            AssertionError: no catalog has the text, so that no page of ours shows it.
        """
        translated = self.translations.gettext(text)
        said = text if self.language == "en" else translated
        return said % values if values else said

    def meaning(self, context: str, text: str, /) -> str:
        """Return a text that has several translations, by the context in its catalog.

        Raises:
            AssertionError: no catalog has the text in that context.
        """
        translated = self.translations.pgettext(context, text)
        return text if self.language == "en" else translated

    def first(self, text: str, /) -> str:
        """Return a text with a capital letter, as headings of columns and labels have it."""
        return str(capfirst(self(text)))

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the form for a number, which placeholders stand for that ``values`` does not name.

        Raises:
            AssertionError: no catalog has the text.
        """
        translated = self.translations.ngettext(one, many, number)
        english = one if number == 1 else many
        placeholders: Mapping[str, object] = defaultdict(lambda: number, values)
        return (english if self.language == "en" else translated) % placeholders

    def exactly(self, text: str, /, **values: object) -> str:
        """Return a selector of what shows a text and nothing else."""
        return exactly(self(text, **values))


def speaker(language: str) -> Speaker:
    """Return who speaks a language; that there is an English text is known by its German."""
    return Speaker(language, _translations("de" if language == "en" else language))


def kept_words(language: str) -> Iterator[str]:
    """Return the English texts that another app's catalog has, and says in the same words."""
    for folder in _CATALOGS:
        path = folder / language / "LC_MESSAGES" / "django.mo"
        if folder != OURS and path.is_file():
            with path.open("rb") as file:
                yield from (str(one.id) for one in read_mo(file) if one.id == one.string)


def exactly(text: str) -> str:
    """Return a selector of what shows a text as it is, and nothing else."""
    return f"text={json.dumps(text, ensure_ascii=False)}"
