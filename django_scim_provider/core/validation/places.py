"""What the keys of an object say of one attribute, whole or in parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django_scim_provider.core.errors import InvalidPath, InvalidSyntax
from django_scim_provider.core.filters.patch_paths import PatchPath, template
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource, Target

MAX_SHOWN = 100
"""Characters of a key in a message."""
NEVER_TEXT = ("boolean", "integer", "decimal")
"""The types that have no text; an empty one is none of theirs."""


@dataclass(slots=True)
class Place:
    """What the keys of an object say of one attribute, or of the values of it that they select."""

    target: Target
    """Without a sub-attribute."""
    path: PatchPath
    """Likewise."""
    whole: tuple[str, Any] | None = None
    """The key that names all of it, and its value."""
    subs: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """The keys that name sub-attributes and their values, by the names of those."""

    @property
    def written(self) -> str:
        """Return the key that was first."""
        return self.whole[0] if self.whole else next(iter(self.subs.values()))[0]

    def take(self, sub: str | None, key: str, value: Any) -> None:
        """Take what a key says.

        Raises:
            InvalidSyntax: another has said it.
        """
        before = self.whole if sub is None else self.subs.get(sub)
        if before is not None:
            raise twice(self.named(sub), before[0], key)
        if sub is None:
            self.whole = key, value
        else:
            self.subs[sub] = key, value

    def value(self) -> Any:
        """Return what its keys say together.

        Raises:
            InvalidSyntax: the whole value says again what a key of its own says.
        """
        parts = {name: value for name, (_, value) in self.subs.items()}
        if self.whole is None:
            return parts
        key, value = self.whole
        if parts:
            known = {name.lower() for name in value} if isinstance(value, dict) else None
            for name, (other, _) in self.subs.items():
                if known is None or name.lower() in known:
                    raise twice(self.named(name), key, other)
            return {**value, **parts}
        return value

    def named(self, sub: str | None) -> str:
        """Return the name of the attribute or of a sub-attribute, for messages."""
        return f"{self.target}.{sub}" if sub else str(self.target)

    def operations(self) -> Iterator[tuple[str, PatchPath, Any]]:
        """Yield the key, path and value of each operation of a PATCH that says the same."""
        if self.whole is not None:
            yield self.whole[0], self.path, self.value()
            return
        for name, (key, value) in self.subs.items():
            if self.path.term is None and self.path.path is not None:
                yield key, replace(self.path, path=replace(self.path.path, sub=name)), value
            else:
                yield key, replace(self.path, sub=name), value

    def clears(self, profile: Profile) -> bool:
        """Tell whether its keys only clear parts, of which an object without values has none."""
        named = self.target.attribute.sub_attribute
        return self.whole is None and all(
            (sub := named(name)) is not None and is_cleared(value, sub, profile)
            for name, (_, value) in self.subs.items()
        )

    def element(self) -> Any:
        """Return the value that it makes in an object without values.

        Raises:
            InvalidPath: its filter does not say what a value would hold.
        """
        term = self.path.term
        made = {} if term is None else template(term, self.target.attribute)
        if made is None:
            raise InvalidPath(f"{shown_key(self.written)} does not say what a value would hold.")
        value = self.value()
        return value if self.target.attribute.type != "complex" else made_of(made, value)


def is_cleared(value: Any, sub: Attribute, profile: Profile) -> bool:
    """Tell whether a value unassigns a sub-attribute: null, or ``""`` where a profile has it so."""
    empties = profile.empty_string_unassigns and sub.type not in NEVER_TEXT
    return value is None or (value == "" and empties)


def made_of(made: Resource, value: Any) -> Resource:
    """Return a new value of a multi-valued attribute: what a filter says, and what is sent."""
    # A plain value is the ``value`` of the new one, as RFC 7643 section 2.4 names it.
    if not isinstance(value, dict):
        value = {"value": value}
    named = {key.lower() for key in value}
    # What is sent wins over what the filter says, in whatever case it is spelled.
    return {**{k: v for k, v in made.items() if k.lower() not in named}, **value}


def twice(name: str, first: str, second: str) -> InvalidSyntax:
    """Return the error for a name that two keys of an object say."""
    both = f"as {shown_key(first)} and as {shown_key(second)}"
    return InvalidSyntax(f"{name} is given twice: {both}.")


def shown_key(key: str) -> str:
    """Return a key for a message, cut."""
    return repr(key[:MAX_SHOWN])
