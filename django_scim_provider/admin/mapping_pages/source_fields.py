"""The fields of a mapping's form that say who gets the role, other than which group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_scim_provider.attribute_map.resource_schemas import user_type
from django_scim_provider.core.schemas.definitions import (
    MAX_NAME_LENGTH,
    Attribute,
    ResourceType,
    Target,
)
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.models.roles import MAX_PATH_LENGTH
from django_scim_provider.storage.roles.attribute_sources import cleaned_value, find_attribute
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.users.mapping.host_values import host_values_of

MatchBy = RoleMapping.MatchBy
GROUP = "group"
"""The source that is a group, however it is found."""
SOURCES = (
    (GROUP, _("The members of a group")),
    (MatchBy.ATTRIBUTE.value, _("People with a value in an attribute")),
    (MatchBy.EVERYONE.value, _("Everybody whom the connection vouches for")),
)
_FIRST = ("userType", "roles", "entitlements", "title", "locale")
_LISTED = frozenset({"string", "boolean", "integer", "reference"})


class SuggestedText(forms.TextInput):
    """A text for which there are suggestions; any other may be typed."""

    def __init__(self, id: str, suggestions: list[str]) -> None:
        super().__init__(attrs={"list": id, "autocomplete": "off", "size": 50})
        self.id, self.suggestions = id, suggestions

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        """Put the suggestions behind the box."""
        options = format_html_join(
            "", '<option value="{}">', ((each,) for each in self.suggestions)
        )
        box = super().render(*args, **kwargs)
        return format_html('{}<datalist id="{}">{}</datalist>', box, self.id, options)


def source_field() -> forms.ChoiceField:
    """Return the choice of who gets the role."""
    return forms.ChoiceField(
        label=_("Who gets it"),
        choices=SOURCES,
        widget=forms.RadioSelect,
        required=False,
        initial=GROUP,
    )


def attribute_field() -> forms.CharField:
    """Return the box for the attribute."""
    return forms.CharField(
        label=_("Attribute"),
        required=False,
        max_length=MAX_PATH_LENGTH,
        widget=SuggestedText("scim-attributes", list(suggested(user_type()))),
        help_text=_(
            "Such as userType, roles, entitlements, or an attribute of an extension. Whoever may "
            "write it at the identity provider decides who gets the role."
        ),
    )


def value_field() -> forms.CharField:
    """Return the box for the value."""
    return forms.CharField(
        label=_("Value"),
        required=False,
        max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"size": 50}),
        help_text=_("Of several values, one has to be this one."),
    )


def suggested(kind: ResourceType) -> Iterator[str]:
    """Yield the paths of attributes that directories fill with what people are."""
    yield from _FIRST
    for extension in kind.extensions:
        for attribute in extension.schema.attributes:
            if attribute.mutability == "readWrite" and attribute.returned != "never":
                path = f"{extension.schema.id}:{attribute.name}"
                if attribute.type in _LISTED or _has_value(attribute):
                    yield path


def _has_value(attribute: Attribute) -> bool:
    return attribute.type == "complex" and attribute.sub_attribute("value") is not None


def name_source(mapping: RoleMapping, connection: ProviderConnection, found: dict[str, Any]) -> str:
    """Write into a mapping which people it is about; return the ``match_by``.

    Raises:
        ValidationError: by field.
    """
    if found["source"] == MatchBy.EVERYONE:
        mapping.attribute = mapping.value = ""
        return MatchBy.EVERYONE
    path, text = found.get("person_attribute") or "", found.get("person_value") or ""
    if not path:
        raise ValidationError({"person_attribute": _("Name the attribute.")})
    try:
        target = find_attribute(path)
    except ValidationError as error:
        raise ValidationError({"person_attribute": error}) from error
    _refuse_owned(target, connection)
    try:
        value = cleaned_value(target, text)
    except ValidationError as error:
        raise ValidationError({"person_value": error}) from error
    if not value:
        raise ValidationError({"person_value": _("Say which value gives the role.")})
    mapping.attribute, mapping.value = str(target), value
    return MatchBy.ATTRIBUTE


def _refuse_owned(target: Target, connection: ProviderConnection) -> None:
    host = host_values_of(context_of(connection), user_type())
    if host is not None and host.owns(target):
        text = _(
            "This project keeps “%(path)s” itself, and the identity provider does not write it."
        )
        error = ValidationError(text, params={"path": str(target)})
        raise ValidationError({"person_attribute": error})
