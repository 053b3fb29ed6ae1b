"""The settings: one dict, ``SCIM_PROVIDER``, read when it is used and never at import.

Each attribute of ``Settings`` is one key of the dict; its annotation is the type that system check
``scim_provider.E002`` holds it to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from django.conf import settings as django_settings
from django.contrib import auth
from django.core.signals import setting_changed

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper as _Cached

Result = TypeVar("Result")

SETTING = "SCIM_PROVIDER"
ARGON2_COSTS = {"time_cost": 2, "memory_cost": 19456, "parallelism": 1}
"""What OWASP recommends; a secret of 256 random bits needs no more."""
THROTTLE_RATES: dict[str, str | None] = {
    "connection": "6000/minute",
    "discovery": "300/minute",
    "failed_authentication": "60/minute",
}
"""Entra ID asks for 25 requests a second and connection (Microsoft Learn,
use-scim-to-provision-users-and-groups); this is four times that."""
DEFAULT_REVOKERS = (
    "django_scim_provider.revokers.revoke_sessions",
    "django_scim_provider.revokers.revoke_authtoken",
    "django_scim_provider.revokers.revoke_knox",
    "django_scim_provider.revokers.revoke_simplejwt",
    "django_scim_provider.revokers.revoke_oauth_toolkit",
    "django_scim_provider.revokers.revoke_allauth_usersessions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the app, with their defaults."""

    STORE_SCIM_TOKEN: str | dict[str, str] = "hashed"  # noqa: S105 - the name of a scheme
    """How secrets are stored: ``"hashed"`` (argon2id), ``"encrypted"`` (Fernet), ``"plain"``,
    ``{"hash": path}`` or ``{"encrypt": path, "decrypt": path}`` with dotted paths of functions."""
    ARGON2: dict[str, int] = field(default_factory=lambda: dict(ARGON2_COSTS))
    """Costs of argon2id: ``time_cost``, ``memory_cost`` in KiB, ``parallelism``; those that are not
    given keep their defaults."""
    DEFAULT_SCIM: list[dict[str, Any]] = field(default_factory=list)
    """Connections from settings: dicts of ``provider_id``, ``scim_token`` (the secret part of the
    token, 24 to 255 printable characters), and optionally ``organization_id``, ``profile``,
    ``profile_switches`` (a dict of switches that are on or off over the profile) and ``scopes``.
    They win over rows. The identity provider sends the base64url form (without padding)
    of ``<scim_token>:<provider_id>[:<organization_id>]``. The row that accounts belong to is made,
    without an owner, when the token is first used."""
    PROFILES: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Profiles of the project's own, by name: a dict of the switches that are on or off over
    a shipped profile, ``base`` (its name, ``"generic"`` without it), and ``title`` (what people
    call it)."""
    MAX_LIVE_TOKENS: int = 5
    """Tokens of one connection that may be live at the same time."""
    TOKEN_VERIFIER: str | None = None
    """Dotted path of a function that takes the text of a bearer token and returns ``TokenClaims``,
    or None where the token is not good; None: ``tokens.verification.verify_stored_token``, for the
    tokens that the app generates. It may call that one for them, and for those of another issuer
    check the signature of a JWT or ask the issuer. What it raises is 503."""
    LAST_USED_INTERVAL: int = 300
    """Seconds between two writes of a token's ``last_used_at``."""
    PROVIDER_OWNERSHIP: dict[str, bool] = field(default_factory=lambda: {"enabled": True})
    """For the management of connections by people: ``{"enabled": True}`` leaves a connection
    without organization to the user who made it; ``{"enabled": False}`` makes new ones without an
    owner, and opens those without an owner to everybody who is logged in."""
    REQUIRED_ROLE: list[str] = field(default_factory=lambda: ["admin", "owner"])
    """For the management of connections by people: the roles in an organization that may."""
    CAN_GENERATE_TOKEN: str | None = None
    """Dotted path of a function that has the last word on new tokens; see
    ``connections.management``. It can only restrict."""
    RESERVED_PROVIDER_IDS: list[str] = field(default_factory=list)
    """Provider ids that are the operator's: nobody may take or manage them in the management API,
    and only superusers in the admin. So are those of ``DEFAULT_SCIM`` and of the log-in providers
    of allauth and social-auth."""
    RECENT_LOGIN: int | None = None
    """Seconds since the log-in within which somebody with a session may make and end tokens and
    connections; None: as long as the session lives."""
    ADMIN_RECENT_LOGIN: int | None = 600
    """The same for pages of the admin that show a token or a secret, or set an address. None: as
    ``RECENT_LOGIN`` has it, and where both are set, the shorter time holds."""
    PORTAL_RECENT_LOGIN: int | None = 600
    """Seconds since the log-in within which people may make and end tokens and connections in the
    portal (:doc:`/how-to/give-organizations-their-own-pages`); later they are asked to log in
    again. None: as ``RECENT_LOGIN`` has it, and where both are set, the shorter time holds."""
    PORTAL_BASE_TEMPLATE: str | None = None
    """Template of the project that the pages of the portal extend, with the blocks ``title``,
    ``extra_head`` and ``content``; None: a plain frame of their own."""
    PORTAL_CONTENT_SECURITY_POLICY: str | None = None
    """The Content-Security-Policy of the portal, for a base template that needs more than a strict
    one allows; None: the strict one. ``frame-ancestors 'none'`` holds always."""
    ORGANIZATION_BACKEND: str | None = None
    """Dotted path of the class that knows the project's organizations; None: there are none, and
    tokens for organizations are refused."""
    MEMBERSHIP: dict[str, Any] = field(default_factory=dict)
    """What ``organizations.MembershipModelBackend`` needs to know of the project's models."""
    ADAPTER: str = "django_scim_provider.adapter.DefaultAdapter"
    """Dotted path of the adapter class."""
    REQUEST_CONTEXT: str | None = None
    """Dotted path of a function that takes a ``ProvisioningContext`` and returns a context manager:
    all work for a connection is done in one, such as the schema or the scope of its customer. See
    :doc:`/how-to/extend`."""
    ATTRIBUTE_MAP: dict[str, Any] = field(default_factory=dict)
    """Attributes of users, and the fields of the project that they go into or come from:
    ``{"title": "job_title"}``, or an ``attribute_map.Mapped`` in place of the name. See
    :doc:`/how-to/map-attributes`."""
    CONNECTION_ATTRIBUTE_MAPS: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same for single connections, by provider id, in place of ``ATTRIBUTE_MAP``."""
    DATABASE: str = "default"
    """Alias of the database that holds connections, accounts and users."""
    PREPARED_STATEMENTS: bool | None = None
    """Does PostgreSQL keep the app's own statements prepared, where psycopg 3 is the driver? None:
    yes, but not where ``DISABLE_SERVER_SIDE_CURSORS`` or ``"prepare_threshold": None`` in
    ``OPTIONS`` speaks of a pooler, or one is found on the way. True behind one that knows prepared
    statements (PgBouncer from 1.21). See :doc:`/how-to/run-behind-a-pooler`."""
    RETRY_TIME_LIMIT: int = 5
    """Seconds after the beginning of an operation within which it may be tried again, where the
    database ends it for a deadlock or for not being serialisable; 0: never. Each operation of a
    bulk request counts for itself. Waiting for a lock is never tried again."""
    LINK_EXISTING_USERS: bool | dict[str, Any] = False
    """May provisioning link users that it did not make? False: no, they are 409. A dict links those
    for whom all of it holds: ``trusted_domains`` (a list, or lists by organization or provider id),
    ``require_existing_org_membership`` (a boolean), ``should_link_user`` (dotted path); an empty
    one links nobody. True: everybody; for the connection of an organization, its members. Users
    whose address is known to be unverified are not linked, unless another connection made the user
    and they have no way in of their own; where nobody knows, ``trusted_domains`` alone links nobody
    with a password, unless ``trust_unverified`` (a boolean) says so."""
    LOG_IN: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Log-in providers by key (``"*"``: any other), each a dict of what ``log_in.Binding`` has: for
    which connection it speaks, and which claims name the account. See :doc:`/how-to/log-in`."""
    LOG_IN_REFUSED_URL: str | None = None
    """Address or name of the route where people go who may not enter; None: a page tells them."""
    UNIQUE_EMAILS: bool | None = None
    """May no two users have the same e-mail address? None: where people log in by it, as far as can
    be seen (allauth, social-auth and mozilla-django-oidc are asked). Otherwise people whom one
    connection made may share a mailbox; an address of anybody else is 409 always, and so is one
    where the column of the user model is unique or the ``USERNAME_FIELD``."""
    ALLOW_PRIVILEGED_USERS: bool = False
    """May provisioning change and delete staff and superusers?"""
    ALLOW_PASSWORD: bool = False
    """Is ``password`` set on the host's user? Otherwise it is accepted and dropped."""
    FAILED_IDENTITIES: int = 7
    """Days for which ``userName`` and ``externalId`` of people who were refused are kept,
    encrypted, so that the admin can say who it is; 0: not at all, 30 at most. It needs the extra
    ``encryption``. See :doc:`/how-to/find-out-why-somebody-has-no-account`."""
    EVENT_VALUES: int = 0
    """Days for which events keep what changed attributes held before and after, encrypted; 0: not
    at all, 90 at most. It needs the extra ``encryption``. See :doc:`/how-to/audit-changes`."""
    DEPROVISION: Literal["delete", "deactivate"] = "delete"
    """What DELETE does with a user that provisioning made and nothing else holds."""
    REVOKERS: list[str] = field(default_factory=lambda: list(DEFAULT_REVOKERS))
    """Dotted paths of functions that end what a deactivated user still holds: sessions, tokens.
    Each is called with ``user`` and ``using`` inside the transaction."""
    THROTTLE_RATES: dict[str, str | None] = field(default_factory=lambda: dict(THROTTLE_RATES))
    """Requests in a time, such as ``"100/minute"``, for ``connection``, ``discovery`` and
    ``failed_authentication`` (the last two by address); None: no limit. Those that are not given
    keep their defaults."""
    THROTTLE_CACHE: str = "default"
    """Alias of the cache that counts requests."""
    NUM_PROXIES: int = 0
    """Proxies of the project's own in front of it; the address of a client is that many places from
    the end of ``X-Forwarded-For``. 0: ``REMOTE_ADDR``."""
    DEFAULT_PAGE_SIZE: int = 100
    """Resources on a page where the request does not say ``count``."""
    MAX_PAGE_SIZE: int = 1000
    """Resources on a page at most."""
    QUERY_TIME_LIMIT: int | float | None = 5
    """Seconds that a query may take in the database where no index serves its filter or its order;
    then it is 400 ``tooMany``. A shorter limit of the database's own stays. None: no limit."""
    INDEXED_ATTRIBUTES: list[str] = field(default_factory=list)
    """Attributes that filters and ``sortBy`` find by an index of the database, beside those that
    have one anyway: paths of singular texts of users, such as ``"title"``, ``"name.middleName"`` or
    with their schema those of an extension, of users or groups. ``scim_index_users`` makes the
    indexes; see :doc:`/how-to/index-attributes`."""
    CURSOR_TIMEOUT: int = 3600
    """Seconds that a cursor may be used (RFC 9865)."""
    MAX_BODY_BYTES: int = 4 * 1024 * 1024
    """Size of a request body at most; a group of 10,000 members as it is shown has 2 MB."""
    MAX_BODY_DEPTH: int = 32
    """Nesting of a request body at most; 200 is the highest that may be set."""
    MAX_BODY_OBJECTS: int = 100_000
    """JSON objects and lists of a request body at most; a member of a group is one, an operation of
    a bulk request that creates somebody three or more. Keep it at several times
    ``BULK_MAX_OPERATIONS``, or a bulk request of that many is refused before it is counted."""
    MAX_RESOURCE_SIZE: int = 1024 * 1024
    """Bytes of a stored resource as JSON at most, without the members of a group; 413 beyond. The
    least that may be set is 4,096. What was stored under a higher cap may stay and shrink, and be
    deactivated."""
    MAX_ATTRIBUTE_VALUES: int = 1000
    """Values of a multi-valued attribute at most, such as ``emails``; ``members`` of groups are not
    among them."""
    MAX_PATCH_OPERATIONS: int = 1000
    """Operations of a PATCH at most; each key of a value without path counts as one."""
    MAX_PATCH_STEPS: int = 50_000
    """How many values of multi-valued attributes the operations of one PATCH may look at or change
    together at most: one step for each value, each comparison of a filter in a path and each 128
    bytes, two more for a change. Each stored value may be looked at twenty times beside that."""
    BULK_MAX_OPERATIONS: int = 1100
    """Operations of a bulk request at most: a thousand resources, and the groups that hold them."""
    BULK_MAX_PAYLOAD_SIZE: int = 4 * 1024 * 1024
    """Bytes of the body of a bulk request at most."""
    BULK_TIME_LIMIT: int | float = 10
    """Seconds after which a bulk request begins no further operation: those done are committed, the
    others answered with 503. Keep it well below the time limit of the server in front, such as
    gunicorn's 30 s, for the last operation and the answer take their time as well."""
    PUBLIC_DISCOVERY: bool = False
    """Are the discovery endpoints readable without a token?"""
    BASE_URL: str | None = None
    """Address of the SCIM root, such as ``https://app.example.com/scim/v2``; None: the
    request's."""
    WEBHOOK_USER_NAMES: bool = False
    """Do messages to webhooks name the ``userName`` of the person? Otherwise they hold nothing of
    people but ids."""
    WEBHOOK_ALLOWED_HOSTS: list[str] = field(default_factory=list)
    """Host names that webhooks may have wherever they lead to, such as a service inside of the own
    network. All others have to resolve to public addresses."""
    WEBHOOK_ALLOWED_NETWORKS: list[str] = field(default_factory=list)
    """Networks that webhooks may lead to though they are not public, such as ``"10.1.0.0/16"``."""
    WEBHOOK_CA_FILE: str | None = None
    """A file (PEM) of certificate authorities that webhooks are verified by; None: those of the
    system."""
    WEBHOOK_TASKS: str | None = None
    """The key of ``TASKS`` (Django 6) whose workers send what waits for webhooks as soon as it is
    there; None: ``scim_send_notices`` alone does."""
    CHECK_TASKS: str | None = None
    """The key of ``TASKS`` (Django 6) whose workers make checks started in the admin; None: threads
    do."""
    NOTICE_EMAILS: list[str] = field(default_factory=list)
    """Addresses that are mailed what is wrong with any connection; owners are told of their own."""
    NOTICE_FAILURES: int = 10
    """Requests that failed or were refused in a day from which on people are told, where they are a
    tenth of all; one that the project itself failed (5xx) counts in any case."""
    INSTRUMENTS: list[str] = field(default_factory=list)
    """What counts, times or traces SCIM requests: ``"prometheus"``, ``"opentelemetry"`` (each needs
    the extra of its name), or dotted paths of ``observability.Instrument`` classes, or of functions
    that return an instance. Each is made once in a process, without arguments."""
    DOCUMENTATION_URI: str | None = None
    """Shown in ServiceProviderConfig."""
    DOCS_URL: str | None = None
    """Address where this documentation is published, such as
    ``https://docs.example.com/django-scim-provider/``, for links from the admin; None: its pages
    are named there, without a link."""
    EXTENSIONS: dict[str, list[str]] = field(default_factory=dict)
    """Schema extensions by the name of the resource type: dotted paths of ``Schema`` or
    ``SchemaExtension`` values."""
    USER_STORE: str = "django_scim_provider.storage.users.store.UserStore"
    """Dotted path of the class that holds users: a subclass of ``resources.UserStore``, or any
    ``core.stores.ResourceStore``."""
    GROUP_STORE: str = "django_scim_provider.storage.groups.store.GroupStore"
    """Dotted path of the class that holds groups: a subclass of ``resources.GroupStore``, or any
    ``core.stores.ResourceStore``."""
    RESOURCE_TYPES: list[str] = field(default_factory=list)
    """Dotted paths of ``Registration`` values for the project's own resource types."""


KNOWN = frozenset(f.name for f in fields(Settings))


def raw_settings() -> dict[str, Any]:
    """Return the dict as the project wrote it; ``{}`` where it is missing or no dict."""
    found = getattr(django_settings, SETTING, None)
    return dict(found) if isinstance(found, dict) else {}


def until_settings_change(function: Callable[..., Result]) -> _Cached[Result]:
    """Keep what a function returns for its last arguments while the settings are the same.

    Only tests change settings of a running process, and none may see what another one left.
    """
    cached = lru_cache(maxsize=16)(function)

    def forget(*, setting: str, **_: Any) -> None:
        if setting in {SETTING, "SECRET_KEY", "AUTH_USER_MODEL", "USE_TZ"}:
            cached.cache_clear()

    name = f"{function.__module__}.{function.__qualname__}"
    setting_changed.connect(forget, dispatch_uid=name, weak=False)
    return cached


@until_settings_change
def get_settings() -> Settings:
    """Return the settings in force; unknown keys are ignored here and refused by a system check."""
    return Settings(**{key: value for key, value in raw_settings().items() if key in KNOWN})


@until_settings_change
def get_user_model() -> Any:
    """Return the project's user model; Django's own function looks it up again for each call."""
    return auth.get_user_model()
