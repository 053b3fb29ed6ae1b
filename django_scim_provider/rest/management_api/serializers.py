"""Bodies of the management API: ``snake_case`` or ``camelCase`` in, ``camelCase`` out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import ISO_8601, serializers

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.models.connection_profiles import (
    MAX_NAME_LENGTH,
    shown_switches,
    validate_profile,
    validate_switches,
)
from django_scim_provider.models.moments import utc
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.validators import MAX_NOTE_LENGTH

MAX_SECONDS = 3650 * 86400


def snake(name: str) -> str:
    """Return ``providerId`` as ``provider_id``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


class EitherCase(serializers.Serializer):  # type: ignore[type-arg]  # generic for type checkers only
    """Takes each field under its camelCase name or the snake_case of it; refuses unknown keys."""

    def to_internal_value(self, data: Any) -> Any:
        """Rename keys, then read.

        Raises:
            ValidationError: a key is unknown, or given in both spellings.
        """
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        names = [str(name) for name in self.fields]
        spellings = {name: name for name in names} | {snake(name): name for name in names}
        found: dict[str, Any] = {}
        for key, value in data.items():
            name = spellings.get(key)
            if name is None:
                raise serializers.ValidationError({key: [_("There is no such field.")]})
            if name in found:
                raise serializers.ValidationError({key: [_("The field is given twice.")]})
            found[name] = value
        return super().to_internal_value(found)


class TextField(serializers.CharField):
    """A text, never made of a number or boolean."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text.

        Raises:
            ValidationError: it is none.
        """
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class ProviderIdRequest(EitherCase):
    """Names a connection."""

    providerId = TextField(source="provider_id", trim_whitespace=False, max_length=255)


class TokenIdRequest(EitherCase):
    """Names a token."""

    tokenId = serializers.UUIDField(source="token_id")


class TokenOptions(EitherCase):
    """What a new token is like."""

    label = TextField(required=False, allow_blank=True, max_length=MAX_NOTE_LENGTH)  # type: ignore[assignment]  # a field's own name
    scopes = serializers.MultipleChoiceField(choices=all_scopes(), required=False)
    expiresIn = serializers.IntegerField(
        source="expires_in",
        required=False,
        min_value=1,
        max_value=MAX_SECONDS,
        help_text=_("Seconds."),
    )
    overlap = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=31 * 86400,
        help_text=_("Seconds that earlier tokens stay valid; they end at once without it."),
    )

    def options(self) -> dict[str, Any]:
        """Return what was sent as the arguments of ``generate_scim_token``."""
        data = self.validated_data
        found = {name: data[name] for name in ("label", "scopes") if name in data}
        for name in ("expires_in", "overlap"):
            if name in data:
                found[name] = timedelta(seconds=data[name])
        return found


class GenerateTokenRequest(TokenOptions, ProviderIdRequest):
    """A token of a connection, which is made where it is missing."""

    organizationId = TextField(
        source="organization_id",
        trim_whitespace=False,
        max_length=255,
        required=False,
        allow_null=True,
    )
    name = TextField(
        required=False,
        allow_blank=True,
        max_length=MAX_NOTE_LENGTH,
        help_text=_("What people call a new connection."),
    )
    profile = TextField(
        required=False,
        max_length=MAX_NAME_LENGTH,
        validators=[validate_profile],
        help_text=_("The profile of a new connection; see list-profiles."),
    )
    profileSwitches = serializers.DictField(
        source="profile_switches",
        required=False,
        child=serializers.BooleanField(),
        validators=[validate_switches],
        help_text=_("The switches of a new connection that are on or off over its profile."),
    )

    def options(self) -> dict[str, Any]:
        """Add what a new connection is like."""
        names = ("name", "profile", "profile_switches")
        data = self.validated_data
        return super().options() | {name: data[name] for name in names if name in data}


class RotateTokenRequest(TokenOptions, ProviderIdRequest):
    """A new token in place of those that a connection has."""


class TokenResponse(serializers.Serializer):  # type: ignore[type-arg]  # generic for type checkers only
    """A new token; ``scimToken`` is not shown again."""

    scimToken = serializers.CharField()
    tokenId = serializers.UUIDField()


class SuccessResponse(serializers.Serializer):  # type: ignore[type-arg]  # generic for type checkers only
    """The operation is done."""

    success = serializers.BooleanField()


class SwitchesField(serializers.DictField):
    """Shows stored switches, whatever is stored."""

    def to_representation(self, value: Any) -> Any:
        """Return names with true or false."""
        return super().to_representation(dict(shown_switches(value)))


class MomentResponse(serializers.DateTimeField):
    """Shows a moment in UTC with ``Z``, whatever the project's time zone and format of dates."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": ISO_8601, "default_timezone": UTC, **kwargs})

    def to_representation(self, value: datetime) -> Any:
        """Return ISO 8601."""
        return super().to_representation(utc(value))


class ConnectionResponse(serializers.ModelSerializer):  # type: ignore[type-arg]  # generic for type checkers only
    """A connection; of its tokens nothing is shown."""

    id = serializers.UUIDField()
    providerId = serializers.CharField(source="provider_id")
    organizationId = serializers.CharField(source="organization_id", allow_null=True)
    profile = serializers.CharField()
    profileSwitches = SwitchesField(source="profile_switches", child=serializers.BooleanField())
    createdAt = MomentResponse(source="created_at")

    class Meta:
        model = ProviderConnection
        fields = (
            "id",
            "providerId",
            "organizationId",
            "name",
            "profile",
            "profileSwitches",
            "enabled",
            "createdAt",
        )


class ProfileDescription(serializers.Serializer):  # type: ignore[type-arg]  # generic for type checkers only
    """A profile that a connection may have."""

    name = serializers.CharField()
    title = serializers.CharField()
    switches = serializers.DictField(child=serializers.BooleanField())


class TokenDescription(serializers.ModelSerializer):  # type: ignore[type-arg]  # generic for type checkers only
    """A token without its secret."""

    tokenId = serializers.UUIDField(source="id")
    providerId = serializers.CharField(source="provider_id")
    lookup = serializers.CharField()
    createdAt = MomentResponse(source="created_at")
    expiresAt = MomentResponse(source="expires_at", allow_null=True)
    revokedAt = MomentResponse(source="revoked_at", allow_null=True)
    lastUsedAt = MomentResponse(source="last_used_at", allow_null=True)

    class Meta:
        model = SCIMToken
        fields = (
            "tokenId",
            "providerId",
            "lookup",
            "label",
            "scopes",
            "createdAt",
            "expiresAt",
            "revokedAt",
            "lastUsedAt",
        )


class EventDescription(serializers.ModelSerializer):  # type: ignore[type-arg]  # generic for type checkers only
    """One change, done or refused."""

    at = MomentResponse()
    providerId = serializers.CharField(source="provider_id")
    tokenId = serializers.UUIDField(source="token_id", allow_null=True)
    resourceType = serializers.CharField(source="resource_type")
    resourceId = serializers.CharField(source="resource_id")
    scimType = serializers.CharField(source="scim_type")
    changed = serializers.SerializerMethodField()
    leftOut = serializers.SerializerMethodField(method_name="get_left_out")
    requestId = serializers.CharField(source="request_id")

    class Meta:
        model = ProvisioningEvent
        fields = (
            "at",
            "providerId",
            "tokenId",
            "action",
            "resourceType",
            "resourceId",
            "outcome",
            "status",
            "scimType",
            "changed",
            "leftOut",
            "requestId",
            "duration",
        )

    def get_changed(self, event: ProvisioningEvent) -> list[str]:
        """Return the names of the changed attributes."""
        return event.changed.split(",") if event.changed else []

    def get_left_out(self, event: ProvisioningEvent) -> list[str]:
        """Return the names of what no schema defines and was not stored."""
        return event.left_out.split(",") if event.left_out else []
