"""What a SCIM user means for the host's user: the part of the adapter that reads resources."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.attribute_map.compilation import (
    AttributeMap,
    Entries,
    compiled_map,
    map_in_settings,
)
from django_scim_provider.conf import get_settings, get_user_model, until_settings_change
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.user_model import misfit, no_address, user_model_fields


class UserFields:
    """Turns resources into the fields of the user model, and users into resources."""

    context: Any
    """The ``ProvisioningContext``."""

    def attribute_map(self) -> Entries:
        """Return what of a resource goes into other fields of the project, or comes from there.

        By default ``ATTRIBUTE_MAP``, or what ``CONNECTION_ATTRIBUTE_MAPS`` has for the connection;
        see :doc:`/how-to/map-attributes`. An override may ask ``self.context`` which one it is;
        that makes no attribute readOnly in ``/Schemas``, and is held to its fields when it is used
        and not by a check. What it maps is written beside ``user_fields``, and over it.
        """
        return map_in_settings(self.context.provider_id)

    def user_fields(self, resource: Resource) -> dict[str, Any]:
        """Return field names of the user model and the values that the resource gives them.

        Names and addresses are ``normalized``. Each value that is to be written is held to the
        validators and the length of its field: 400 ``invalidValue`` that names ``attribute_of`` it.
        Nothing is ever truncated.

        Raises:
            InvalidValue: there is no value for the name to log in with.
        """
        model, named = get_user_model(), user_model_fields()
        values = {
            model.USERNAME_FIELD: self.identifier(resource),
            named.get("email", ""): self.email(resource) or no_address(),
            named.get("first_name", ""): _name(resource, "givenName"),
            named.get("last_name", ""): _name(resource, "familyName"),
        }
        # An e-mail address that is also the user name comes from ``identifier``.
        values[model.USERNAME_FIELD] = self.identifier(resource)
        values.pop("", None)
        return {name: self.normalized(name, value) for name, value in values.items()}

    def normalized(self, field: str, value: Any) -> Any:
        """Return the value of a field in the form in which the project itself would store it.

        The default knows what Django's own ways of making users do: an address is what
        ``normalize_email`` of the manager makes of it (the domain in lower case), another
        ``USERNAME_FIELD`` what ``normalize_username`` of the model does (NFKC), each where there is
        one. So a log-in that looks for a user in that form finds whom provisioning made. Called
        for each field of ``user_fields`` and with what users have already; the resource keeps what
        the client sent.
        """
        model = get_user_model()
        if not value or not isinstance(value, str):
            return value
        if field == user_model_fields().get("email"):
            managers = (model._default_manager, *model._meta.managers)
            found = (getattr(manager, "normalize_email", None) for manager in managers)
            normalize: Any = next(filter(None, found), None)
        elif field == model.USERNAME_FIELD:
            normalize = getattr(model, "normalize_username", None)
        else:
            normalize = None
        return value if normalize is None else normalize(value)

    def attribute_of(self, field: str, resource: Resource) -> str:
        """Return the attribute that gives a field its value, for the error about it.

        An override of ``user_fields`` that writes more fields names theirs; else the field is
        named.
        """
        named = user_model_fields()
        attributes = {
            named.get("first_name", ""): "name.givenName",
            named.get("last_name", ""): "name.familyName",
            named.get("email", ""): "emails.value",
        }
        if field == get_user_model().USERNAME_FIELD:
            named_by = self.identifier(resource)
            derived = named_by != resource["userName"] and named_by == self.email(resource)
            return "emails.value" if derived else "userName"
        mapping = mapping_of(self)
        if mapping is not None and (mapped := mapping.attribute_of(field)) is not None:
            return mapped
        return attributes.get(field, field)

    def identifier(self, resource: Resource) -> str:
        """Return the value of the user model's ``USERNAME_FIELD``.

        ``userName``, or, where users are named by e-mail address only and ``userName`` is none, the
        primary e-mail address.
        """
        user_name: str = resource["userName"]
        if user_model_fields().get("email") != get_user_model().USERNAME_FIELD:
            return user_name
        identifier = user_name if "@" in user_name else self.email(resource)
        if not identifier:
            raise InvalidValue("userName or a value of emails must be an e-mail address.")
        return identifier

    def email(self, resource: Resource) -> str:
        """Return the person's address: the primary one, else the first, else the userName.

        The userName counts where it is an address that the user model takes.
        """
        emails = [email for email in resource.get("emails", ()) if email.get("value")]
        primary = next((email for email in emails if email.get("primary")), None)
        chosen = primary or (emails[0] if emails else None)
        if chosen is not None:
            return str(chosen["value"]).strip(" ")
        user_name: str = resource["userName"]
        name = user_model_fields().get("email", "")
        fits = "@" in user_name and misfit(get_user_model(), name, user_name) is None
        return user_name if fits else ""

    def identity(self, resource: Resource) -> tuple[str, str]:
        """Return what nobody else may go by, as it was sent: the identifier and the address."""
        return self.identifier(resource), self.email(resource)

    def as_sent(self, resource: Resource) -> dict[str, str]:
        """Return the ``identity`` by the fields that it is for, before it is ``normalized``."""
        identifier, address = self.identity(resource)
        sent = {user_model_fields().get("email", ""): address}
        sent[get_user_model().USERNAME_FIELD] = identifier
        sent.pop("", None)
        return sent

    def describe(self, user: AbstractBaseUser) -> Resource:
        """Return what the project knows of a user, as a resource; ``scim_link_users`` stores it."""
        named = user_model_fields()
        address = str(getattr(user, named.get("email", ""), "") or "")
        name = {
            part: str(getattr(user, named.get(purpose, ""), "") or "")
            for part, purpose in (("givenName", "first_name"), ("familyName", "last_name"))
        }
        resource: Resource = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user.get_username(),
            "name": {part: value for part, value in name.items() if value},
            "emails": [{"value": address, "primary": True}] if address else [],
            "active": bool(user.is_active),
        }
        return {attribute: value for attribute, value in resource.items() if value not in ({}, [])}


def mapping_of(adapter: UserFields) -> AttributeMap | None:
    """Return the map of the adapter's connection; None, at no cost, where no connection has one.

    Raises:
        ImproperlyConfigured: the project's own ``attribute_map`` returned what no map can be.
    """
    kind: Any = type(adapter)
    if not maps_attributes(kind):
        return None
    return compiled_map(adapter.attribute_map())


@until_settings_change
def maps_attributes(kind: Any) -> bool:
    """Tell whether adapters of a class may have a map."""
    settings = get_settings()
    if settings.ATTRIBUTE_MAP or settings.CONNECTION_ATTRIBUTE_MAPS:
        return True
    return getattr(kind, "attribute_map", None) is not UserFields.attribute_map


def _name(resource: Resource, part: str) -> str:
    return str(resource.get("name", {}).get(part) or "")
