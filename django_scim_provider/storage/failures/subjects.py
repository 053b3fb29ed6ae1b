"""Who a request was about: keyed digests, by which a failure is found again and names nobody.

The keys follow from ``SECRET_KEY``; a digest that an earlier one made is found by as long as that
is among ``SECRET_KEY_FALLBACKS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from django_scim_provider.ciphers import secret_keys
from django_scim_provider.core.folding import fold

NAMES = {"User": "userName", "Group": "displayName"}
"""The attribute by which people know a resource of a type."""
_SALT = "django_scim_provider.storage.failures"


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """What a request says of whom it is about; without a ``repr``, as it names people."""

    resource_type: str
    id: str = ""
    name: str = ""
    external_id: str = ""

    def digests(self, provider_id: str) -> tuple[str, str]:
        """Return what stands for them, and what else does; the second may be empty."""
        known = [*self._named()]
        first = known[0] if known else ("", "")
        other = ("externalId", self.external_id) if self.external_id else None
        made = _digest(provider_id, self.resource_type, *first)
        if other is None or other == first:
            return made, ""
        return made, _digest(provider_id, self.resource_type, *other)

    def all_digests(self, provider_id: str) -> set[str]:
        """Return all that may stand for them, whichever key it was made by."""
        return {
            _digest(provider_id, self.resource_type, *part, key=key)
            for part in self._named()
            for key in secret_keys()
        }

    def _named(self) -> Iterable[tuple[str, str]]:
        if self.id:
            yield "id", self.id
        if self.name:
            yield "name", fold(self.name)
        if self.external_id:
            yield "externalId", self.external_id


def subject_of(resource_type: str, id: str, body: Any) -> Subject:
    """Return what an address and a body say; names of attributes may be in any case."""
    return Subject(
        resource_type,
        id,
        _text(body, NAMES.get(resource_type, "userName")),
        _text(body, "externalId"),
    )


def _text(body: Any, name: str) -> str:
    if not isinstance(body, Mapping):
        return ""
    wanted = name.lower()
    found = next((body[key] for key in body if str(key).lower() == wanted), None)
    return found if isinstance(found, str) else ""


def _digest(*parts: str, key: str | bytes | None = None) -> str:
    """Return 64 hexadecimal characters; each part counts by its length, so that none runs on."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    secret = secret_keys()[0] if key is None else key
    made = salted_hmac(_SALT, text, secret=secret, algorithm="sha256")
    return made.hexdigest()
