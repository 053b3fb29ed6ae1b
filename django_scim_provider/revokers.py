"""What a deactivated user still holds, and how it ends: one function for each package.

Each is called with the locked ``user`` and the alias ``using`` inside the transaction that
deactivates, and does nothing where its package is not installed. One that raises undoes the
deactivation, and the identity provider is asked to come back. ``SCIM_PROVIDER["REVOKERS"]`` names
those in use, and takes the project's own.
"""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from django_scim_provider.models.batches import in_batches
from django_scim_provider.models.moments import utc_now
from django_scim_provider.user_model.insertions import create_unless_there
from django_scim_provider.user_model.sessions import were_ended

_OAUTH_MODELS = {
    "OAUTH2_PROVIDER_GRANT_MODEL": "oauth2_provider.Grant",
    "OAUTH2_PROVIDER_DEVICE_GRANT_MODEL": "oauth2_provider.DeviceGrant",
    "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL": "oauth2_provider.RefreshToken",
    "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL": "oauth2_provider.AccessToken",
    "OAUTH2_PROVIDER_ID_TOKEN_MODEL": "oauth2_provider.IDToken",
}


def revoke_sessions(*, user: AbstractBaseUser, using: str) -> None:
    """End Django's sessions.

    An inactive user has none on the next request, wherever they are kept. So that none comes back
    with a reactivation: a user who cannot log in by password gets a new unusable one, on which the
    hash of every session depends. For others the sessions that are kept in the database (``db``,
    ``cached_db``) are looked through and deleted. Those of the other engines end with the next
    change of the password. Nothing is left to do where the new password was saved with
    ``is_active``.
    """
    if were_ended(user):
        return
    before = user.get_session_auth_hash()
    if not user.has_usable_password():
        user.set_unusable_password()
        user.save(using=using, update_fields=["password"])
        if user.get_session_auth_hash() != before:
            return
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return
    key = str(user._meta.pk.value_to_string(user))
    sessions = store.get_model_class()._default_manager.filter(expire_date__gt=timezone.now())
    for row in chain.from_iterable(in_batches(sessions)):
        if str(row.get_decoded().get(SESSION_KEY)) == key:
            session: SessionBase = store(session_key=row.pk)
            session.delete()
            # A request that read the row before the commit may have cached it again.
            transaction.on_commit(session.delete, using=using, robust=True)


def revoke_authtoken(*, user: AbstractBaseUser, using: str) -> None:
    """Delete the token of REST framework's ``authtoken``."""
    if apps.is_installed("rest_framework.authtoken"):
        _delete("authtoken.Token", user, using)


def revoke_knox(*, user: AbstractBaseUser, using: str) -> None:
    """Delete the tokens of django-rest-knox."""
    if apps.is_installed("knox"):
        _delete(getattr(settings, "KNOX_TOKEN_MODEL", "knox.AuthToken"), user, using)


def revoke_simplejwt(*, user: AbstractBaseUser, using: str) -> None:
    """Blacklist the outstanding refresh tokens of djangorestframework-simplejwt.

    Access tokens are known to nobody: that package refuses them while the user is inactive, and
    they are valid for minutes only.
    """
    if not apps.is_installed("rest_framework_simplejwt.token_blacklist"):
        return
    outstanding = apps.get_model("token_blacklist.OutstandingToken")._default_manager.using(using)
    # Without time zones, that package's naive times are not Django's, in TIME_ZONE, but UTC.
    now = utc_now() if settings.USE_TZ else utc_now().replace(tzinfo=None)
    alive = outstanding.filter(user=user.pk, blacklistedtoken=None, expires_at__gt=now)
    tokens = list(alive.order_by("pk"))
    blacklisted = apps.get_model("token_blacklist.BlacklistedToken")
    rows: QuerySet[Any] = blacklisted._default_manager.using(using)
    if connections[using].features.supports_ignore_conflicts:
        rows.bulk_create([blacklisted(token=token) for token in tokens], ignore_conflicts=True)
        return
    for token in tokens:
        create_unless_there(rows, {"token": token}, rows.filter(token=token).exists)


def revoke_oauth_toolkit(*, user: AbstractBaseUser, using: str) -> None:
    """Delete the tokens and grants of django-oauth-toolkit."""
    if apps.is_installed("oauth2_provider"):
        known = apps.all_models["oauth2_provider"]  # DeviceGrant is new in 3.2
        for setting, model in _OAUTH_MODELS.items():
            label = getattr(settings, setting, model)
            if label != model or model.partition(".")[2].lower() in known:
                _delete(label, user, using)


def revoke_allauth_usersessions(*, user: AbstractBaseUser, using: str) -> None:
    """End the sessions that allauth's ``usersessions`` has noted, whatever keeps them."""
    if not apps.is_installed("allauth.usersessions"):
        return
    sessions: Any = apps.get_model("usersessions.UserSession")._default_manager.using(using)
    for session in sessions.filter(user=user):
        session.end()


def _delete(label: str, user: AbstractBaseUser, using: str) -> None:
    apps.get_model(label)._default_manager.using(using).filter(user=user).delete()
