"""The base of every view under the SCIM prefix."""

from __future__ import annotations

from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.db import transaction
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.base_url import own_namespace
from django_scim_provider.core.errors import NotFound
from django_scim_provider.core.profiles import STRICT, Profile
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.attempts import EVENT_ACTIONS, Attempt, note_failed_attempt
from django_scim_provider.rest.authentication import SCIMTokenAuthentication, find_profile
from django_scim_provider.rest.content.hosts import host_of
from django_scim_provider.rest.content.negotiation import SCIMContentNegotiation
from django_scim_provider.rest.content.parsers import PlainJSONParser, SCIMJSONParser
from django_scim_provider.rest.content.renderers import PlainJSONRenderer, SCIMJSONRenderer
from django_scim_provider.rest.content.requests import SCIMRequest, leaves_body
from django_scim_provider.rest.content.streaming import StreamedAnswer, without_length
from django_scim_provider.rest.exceptions import as_scim_error, scim_exception_handler
from django_scim_provider.rest.permissions import HasScope
from django_scim_provider.rest.surroundings import SurroundedView
from django_scim_provider.rest.throttling.throttles import ConnectionThrottle
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.tokens.claims import VerifiedToken

WORDS = (
    *("scim", "v1", "v2", "Me", "Bulk", ".search", "health"),
    *("ServiceProviderConfig", "Schemas", "ResourceTypes"),
)
"""What paths of SCIM are made of, beside the endpoints of the resource types."""


class SCIMView(SurroundedView):
    """Sets every policy, so that the host's ``REST_FRAMEWORK`` neither leaks in nor is touched.

    Subclasses set policies, and override ``get_*`` methods, as with any view of REST framework.
    Ours hold no state, so one instance of each serves all requests. Whatever authenticates, a
    request that ends up without a ``VerifiedToken`` in ``request.auth`` is 401.
    """

    authentication_classes = (SCIMTokenAuthentication,)
    permission_classes = (HasScope,)
    parser_classes = (SCIMJSONParser, PlainJSONParser)
    renderer_classes = (SCIMJSONRenderer, PlainJSONRenderer)
    throttle_classes = (ConnectionThrottle,)
    content_negotiation_class = SCIMContentNegotiation
    metadata_class: Any = None
    versioning_class: Any = None
    schema = None
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]  # noqa: RUF012 - as in View
    searches = False
    """Is the request a query, whatever its method?"""

    _profile: Profile = STRICT
    """That of the connection, once it is known who asks."""
    _authenticators: ClassVar[Any] = [SCIMTokenAuthentication()]
    _permissions: ClassVar[Any] = [HasScope()]
    _parsers: ClassVar[Any] = [SCIMJSONParser(), PlainJSONParser()]
    _renderers: ClassVar[Any] = [SCIMJSONRenderer(), PlainJSONRenderer()]
    _negotiation: ClassVar[Any] = SCIMContentNegotiation()

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:
        """Return the view outside ATOMIC_REQUESTS: an error must not commit half a write."""
        return transaction.non_atomic_requests(super().as_view(*args, **initkwargs))

    def get_authenticators(self) -> Any:
        """Return what says who the caller is."""
        is_ours = self.authentication_classes is SCIMView.authentication_classes
        return self._authenticators if is_ours else super().get_authenticators()

    def get_permissions(self) -> Any:
        """Return what says what the caller may do."""
        is_ours = self.permission_classes is SCIMView.permission_classes
        return self._permissions if is_ours else super().get_permissions()

    def get_parsers(self) -> Any:
        """Return what reads bodies."""
        is_ours = self.parser_classes is SCIMView.parser_classes
        return self._parsers if is_ours else super().get_parsers()

    def get_renderers(self) -> Any:
        """Return what writes answers."""
        is_ours = self.renderer_classes is SCIMView.renderer_classes
        return self._renderers if is_ours else super().get_renderers()

    def get_content_negotiator(self) -> Any:
        """Return what chooses between parsers, and between renderers."""
        is_ours = self.content_negotiation_class is SCIMContentNegotiation
        return self._negotiation if is_ours else super().get_content_negotiator()

    def get_exception_handler(self) -> Any:
        """Keep the host's EXCEPTION_HANDLER out of SCIM, and SCIM out of it."""
        return scim_exception_handler

    def handle_exception(self, exc: Exception) -> Response:
        """Answer, and record an event where a change that a good token asked for was not made."""
        exc = self.leave(exc)
        response = super().handle_exception(exc)
        is_proven = self.exchange.provider_id is not None
        attempt = self.attempted_change() if is_proven else None
        # The event of an outage would not be written either, or only after waiting once more.
        if attempt is not None and cause_of(exc) is not Cause.OUTAGE:
            note_failed_attempt(self.store_context, attempt, as_scim_error(exc))
        return response

    def attempted_change(self) -> Attempt | None:
        """Return what the request asks to change, None for one that only reads."""
        action = EVENT_ACTIONS.get(str(self.request.method))
        return None if action is None else Attempt(action)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return headers that keep people's data out of caches, and the id of the request."""
        return {
            # Earlier releases of Django 5.2 obey only "private" in their cache middleware.
            "Cache-Control": "no-store, private",
            "Vary": "Authorization, Accept",
            "X-Request-ID": self.exchange.request_id,
        }

    @cached_property
    def store_context(self) -> StoreContext:
        """Return whose resources the request is about."""
        token = self.token
        return StoreContext(
            provider_id=token.provider_id,
            organization_id=token.organization_id,
            owner_id=token.owner_id,
            profile=self._profile,
            profile_name=token.profile,
            using=get_settings().DATABASE,
            base_url=self.base_url,
            token_id=token.token_id,
            webhooks=token.webhooks,
            request_id=self.exchange.request_id,
            started=self.exchange.started,
        )

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Return the request with our idea of a user and of a body."""
        return SCIMRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Authenticate before anything else is looked at."""
        self.format_kwarg = self.get_format_suffix(**kwargs)
        request.version, request.versioning_scheme = None, None
        self.perform_authentication(request)
        self.check_throttles(request)
        if isinstance(request.auth, VerifiedToken):
            self._profile = find_profile(request.auth)
            self.enter()
        self.check_permissions(request)
        accepted = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = accepted
        version = self.determine_version(request, *args, **kwargs)
        request.version, request.versioning_scheme = version

    def perform_authentication(self, request: Request) -> None:
        """Find out who the caller is.

        Raises:
            NotAuthenticated: no connection, whatever else the authenticators found.
        """
        super().perform_authentication(request)
        if not (self.is_public or isinstance(request.auth, VerifiedToken)):
            raise NotAuthenticated()

    @property
    def is_public(self) -> bool:
        """Tell whether everybody may ask."""
        return False

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer HEAD with the headers of GET and no body."""
        response = super().finalize_response(request, response, *args, **kwargs)
        is_text = isinstance(getattr(response, "data", None), bytes)
        if is_text and not isinstance(response.accepted_renderer, SCIMJSONRenderer):
            response.data = orjson.loads(response.data)  # what a renderer of a subclass expects
        if isinstance(response, StreamedAnswer):
            if request.method == "HEAD":
                response.send_nothing()
        elif request.method == "HEAD":
            response.add_post_render_callback(_without_body)
        elif leaves_body(request):
            response.add_post_render_callback(without_length)
        return response

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """Answer errors that came before negotiation by the first renderer."""
        if not force:
            return super().perform_content_negotiation(request)
        first = next(iter(self.get_renderers() or self._renderers))
        return first, first.media_type

    def required_scope(self, *, reads: bool) -> str | None:
        """Return the scope that the request needs, or None."""
        return None

    @property
    def max_body_bytes(self) -> int:
        """Return how large a request body may be."""
        return get_settings().MAX_BODY_BYTES

    @property
    def token(self) -> VerifiedToken:
        """Return what the bearer token opens.

        Raises:
            NotAuthenticated: nothing has opened anything.
        """
        verified: Any = self.request.auth
        if not isinstance(verified, VerifiedToken):
            raise NotAuthenticated()
        return verified

    @property
    def base_url(self) -> str:
        """Return the address of the SCIM root as the client sees it, without a trailing slash."""
        configured = get_settings().BASE_URL
        if configured is not None:
            return configured.rstrip("/")
        request = self.request._request
        match = request.resolver_match
        # A subclass may have a route in the project's own urlconf.
        is_ours = match is not None and match.app_names[-1:] == ["scim"]
        root = _root_path(
            match.namespace if match is not None and is_ours else own_namespace(),
            get_script_prefix(),
            get_urlconf() or settings.ROOT_URLCONF,
            get_language(),
        )
        return f"{request.scheme}://{host_of(request)}{root}"


def _without_body(response: Response) -> None:
    response["Content-Length"] = str(len(response.content))
    response.content = b""


@lru_cache(maxsize=256)
def _root_path(
    namespace: str, script_prefix: str, urlconf: str | ModuleType, language: str | None
) -> str:
    """Return the path of the SCIM root, for all that ``reverse`` makes it from.

    A request may have a ``urlconf`` of its own, and ``i18n_patterns`` put the language in front;
    each is one of few that the project has.
    """
    return reverse(f"{namespace}:root").rstrip("/")


MAX_SEGMENTS = 8
"""How much of a path that leads nowhere is shown."""


def _known_words() -> dict[str, str]:
    """Return the words that may be shown, as they are spelt, by what they are in lower case."""
    endpoints = (r.resource_type.endpoint.strip("/") for r in get_registry().registrations)
    return {"": "", **{word.lower(): word for word in (*WORDS, *endpoints)}}


class UnknownView(SCIMView):
    """Whatever else is asked for under the prefix: 401 without a token, 404 with one."""

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Show the words of the path that SCIM defines, such as those of a prefix sent twice."""
        segments = str(self.kwargs.get("rest", "")).split("/")[:MAX_SEGMENTS]
        known = _known_words()
        return "unknown", "/" + "/".join(known.get(each.lower(), "*") for each in segments)

    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer 404.

        Raises:
            NotFound: always.
        """
        raise NotFound("There is no such endpoint.")

    get = post = put = patch = delete = refuse
