"""The endpoints for people; the project's own authentication classes say who they are."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.management import Management
from django_scim_provider.connections.recent_login import logged_in_lately
from django_scim_provider.core.errors import Unavailable
from django_scim_provider.models.connection_profiles import known_profiles, profile_choices
from django_scim_provider.rest.content.own_thread import leave_thread
from django_scim_provider.rest.exceptions import RETRY_AFTER
from django_scim_provider.rest.management_api.openapi import extend_schema
from django_scim_provider.rest.management_api.serializers import (
    ConnectionResponse,
    GenerateTokenRequest,
    ProfileDescription,
    ProviderIdRequest,
    RotateTokenRequest,
    SuccessResponse,
    TokenIdRequest,
    TokenOptions,
    TokenResponse,
)
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of


class IsPerson(IsAuthenticated):
    """Somebody is signed in who is a user of the project; an identity provider is not."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether it is one."""
        return super().has_permission(request, view) and isinstance(request.user, AbstractBaseUser)


class LoggedInLately(IsPerson):
    """The log-in of a session is not older than ``RECENT_LOGIN``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the person may, or say what is missing.

        Raises:
            PermissionDenied: the person has to log in again.
        """
        if not super().has_permission(request, view):
            return False
        age, by = get_settings().RECENT_LOGIN, request.successful_authenticator
        if age is None or not isinstance(by, SessionAuthentication):
            return True
        if not logged_in_lately(request, age):
            raise exceptions.PermissionDenied(_("Sign in again to do this."))
        return True


class Away(exceptions.APIException):
    """The database is unavailable for the moment."""

    status_code = 503
    wait = RETRY_AFTER
    """What the framework answers as ``Retry-After``, in seconds."""


class ManagementView(GenericAPIView):  # type: ignore[type-arg]  # generic for type checkers only
    """JSON only; refusals are what Django REST framework makes of them."""

    permission_classes = (IsPerson,)
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)
    versioning_class = None
    filter_backends: Any = ()
    pagination_class: Any = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view outside the host's ATOMIC_REQUESTS.

        They would undo the event of what is refused; what is done has a transaction of its own.
        """
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Leave no connection to the database behind in a thread that nobody uses again."""
        response = super().dispatch(request, *args, **kwargs)
        leave_thread(request, response)
        return response

    @property
    def management(self) -> Management:
        """Return what the person may manage."""
        return Management(cast(AbstractBaseUser, self.request.user))

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Keep tokens out of caches."""
        return {**super().default_response_headers, "Cache-Control": "no-store, private"}

    def handle_exception(self, exc: Exception) -> Response:
        """Answer 400, 403 and 404 for what the services raise, 503 for an unavailable database."""
        if isinstance(exc, Unavailable) or cause_of(exc) is not Cause.FAULT:
            exc = Away(_("The service is not available at the moment; try again."))
        if isinstance(exc, ModelValidationError):
            exc = exceptions.ValidationError({"detail": exc.messages})
        elif isinstance(exc, ObjectDoesNotExist):
            exc = exceptions.NotFound(str(exc))
        elif isinstance(exc, PermissionDenied):
            exc = exceptions.PermissionDenied(str(exc) or None)
        return super().handle_exception(exc)

    def read(self, kind: type[Any], data: Any) -> Any:
        """Return a serializer with the valid input.

        Raises:
            ValidationError: it is not valid.
        """
        serializer = kind(data=data)
        serializer.is_valid(raise_exception=True)
        return serializer


class GenerateTokenView(ManagementView):
    """``POST generate-token``."""

    permission_classes = (LoggedInLately,)
    serializer_class = GenerateTokenRequest

    @extend_schema(
        operation_id="generate_scim_token",
        request=GenerateTokenRequest,
        responses={201: TokenResponse},
        tags=["SCIM connections"],
    )
    @sensitive_variables("wire")
    def post(self, request: Request) -> Response:
        """Generate a token; the connection is made where it is missing, its earlier tokens end."""
        asked = self.read(GenerateTokenRequest, request.data)
        token, wire = self.management.generate(
            asked.validated_data["provider_id"],
            asked.validated_data.get("organization_id"),
            **asked.options(),
        )
        return Response({"scimToken": wire, "tokenId": token.pk}, status=201)


class RotateTokenView(ManagementView):
    """``POST rotate-token``."""

    permission_classes = (LoggedInLately,)
    serializer_class = RotateTokenRequest

    @extend_schema(
        operation_id="rotate_scim_token",
        request=RotateTokenRequest,
        responses={201: TokenResponse},
        tags=["SCIM connections"],
    )
    @sensitive_variables("wire")
    def post(self, request: Request) -> Response:
        """Generate a token of an existing connection; ``overlap`` keeps the earlier ones alive."""
        asked: TokenOptions = self.read(RotateTokenRequest, request.data)
        provider_id = asked.validated_data["provider_id"]
        token, wire = self.management.rotate(provider_id, **asked.options())
        return Response({"scimToken": wire, "tokenId": token.pk}, status=201)


class RevokeTokenView(ManagementView):
    """``POST revoke-token``."""

    permission_classes = (LoggedInLately,)
    serializer_class = TokenIdRequest

    @extend_schema(
        operation_id="revoke_scim_token",
        request=TokenIdRequest,
        responses={200: SuccessResponse},
        tags=["SCIM connections"],
    )
    def post(self, request: Request) -> Response:
        """End a token, from the next request on."""
        asked = self.read(TokenIdRequest, request.data)
        self.management.revoke(asked.validated_data["token_id"])
        return Response({"success": True})


class DeleteConnectionView(ManagementView):
    """``POST delete-provider-connection``."""

    permission_classes = (LoggedInLately,)
    serializer_class = ProviderIdRequest

    @extend_schema(
        operation_id="delete_scim_provider_connection",
        request=ProviderIdRequest,
        responses={200: SuccessResponse},
        tags=["SCIM connections"],
    )
    def post(self, request: Request) -> Response:
        """End all tokens of a connection; its accounts are kept, and its id stays taken."""
        asked = self.read(ProviderIdRequest, request.data)
        self.management.delete(asked.validated_data["provider_id"])
        return Response({"success": True})


class GetConnectionView(ManagementView):
    """``GET get-provider-connection``."""

    serializer_class = ConnectionResponse

    @extend_schema(
        operation_id="get_scim_provider_connection",
        parameters=[ProviderIdRequest],
        responses={200: ConnectionResponse},
        tags=["SCIM connections"],
    )
    def get(self, request: Request) -> Response:
        """Show a connection."""
        asked = self.read(ProviderIdRequest, request.query_params.dict())
        connection = self.management.find(asked.validated_data["provider_id"])
        return Response(ConnectionResponse(connection).data)


class ListProfilesView(ManagementView):
    """``GET list-profiles``."""

    serializer_class = ProfileDescription

    @extend_schema(
        operation_id="list_scim_profiles",
        responses={200: ProfileDescription(many=True)},
        tags=["SCIM connections"],
    )
    def get(self, request: Request) -> Response:
        """List the profiles that a connection may have."""
        known = known_profiles()
        return Response(
            [
                {"name": name, "title": str(title), "switches": known[name].switches()}
                for name, title in profile_choices()
            ]
        )
