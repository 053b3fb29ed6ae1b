"""What the app asks of a project that has no adapter of its own, and how one is found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.adapter.user_fields import UserFields
from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.user_model import (
    has_social_account,
    is_privileged,
    is_same,
    is_verified_by_allauth,
    user_model_fields,
)
from django_scim_provider.user_model.known_by import by_accents, forms_of, found_by, goes_by
from django_scim_provider.user_model.sessions import is_due, note_saved
from django_scim_provider.user_model.unusable_passwords import make_unusable


def saved_as_django_does(user: Any, using: str, changed: Sequence[str] | None = None) -> None:
    """Save a new user, or the fields of one that changed."""
    if changed is None:
        user.save(using=using, force_insert=True)
    else:
        user.save(using=using, update_fields=changed)


class DefaultAdapter(UserFields):
    """Writes user name, e-mail address, first and last name and ``is_active`` of users."""

    saved_by: Callable[..., None] = staticmethod(saved_as_django_does)
    """What ``create_user`` and ``update_user`` save by; the storage knows a quicker way, where the
    project has nothing of its own in ``save``."""

    def __init__(self, context: ProvisioningContext) -> None:
        self.context = context
        self.using = context.using

    # Which users are touched

    def identity_fields(self) -> frozenset[str]:
        """Return the fields of the user model that somebody logs in with or gets mail by.

        They are written only for users whom nobody else holds and whom the connection made, or of
        whom ``may_change_identity`` says so.
        """
        named = user_model_fields()
        return frozenset({get_user_model().USERNAME_FIELD, named.get("email", "")})

    def find_users(self, fields: dict[str, Any], *, resource: Resource | None = None) -> Any:
        """Return the host's users that already have one of these names or addresses.

        A queryset of users; an override may return any collection of them.

        ``fields`` is what ``user_fields`` returned, or a part of it: looked for in that form and as
        it was sent, each in any case. The answer for such a user is 409, unless
        ``LINK_EXISTING_USERS`` says otherwise.

        ``resource`` is what was posted, for each new account, and only then. An override that finds
        people by what the directory calls them (the ``uid`` of a social account, a column) looks
        for it there and returns such users as well: under the same policy they are linked, whatever
        their name and address. ``externalId`` is the client's own choice, so hold it against what
        belongs to ``self.context.connection``.
        """
        users = get_user_model()._default_manager.using(self.using)
        return users.filter(goes_by(forms_to_find(self, fields), by_accents(self.using)))

    def protected_users(self) -> QuerySet[AbstractBaseUser]:
        """Return the users whom ``is_protected`` means; who overrides one overrides the other.

        No account gets a name or an address that could be taken for theirs. They are asked for in
        each write that gives somebody a new name, so they should be few.
        """
        users: QuerySet[AbstractBaseUser] = get_user_model()._base_manager.using(self.using)
        users = users.filter(is_privileged())
        return users.none() if get_settings().ALLOW_PRIVILEGED_USERS else users

    def is_protected(self, user: AbstractBaseUser) -> bool:
        """Tell whether provisioning must not touch the user: staff and superusers."""
        if get_settings().ALLOW_PRIVILEGED_USERS:
            return False
        return bool(getattr(user, "is_superuser", False) or getattr(user, "is_staff", False))

    def is_email_verified(self, user: AbstractBaseUser, email: str) -> bool | None:
        """Tell whether the user has proven that an address is theirs; None: nobody knows.

        No account is linked to a user whose address is known to be unverified, unless another
        connection made the user and they have no way in of their own. Asked of the user's own
        address, and of a user name that is one.

        Where allauth's accounts are installed, its rows say so: an address is unverified where the
        user has others, or it is somebody else's verified one. Of a user without any, nothing is
        known.
        """
        return is_verified_by_allauth(user, email, using=self.using)

    def has_other_login(self, user: AbstractBaseUser) -> bool:
        """Tell whether the user can log in by what is not provisioning's.

        A password of their own, or an account of allauth or social-auth; such a user is never
        deleted, nor named by a connection that did not make them.
        """
        return user.has_usable_password() or has_social_account(user, using=self.using)

    def may_change_identity(self, user: AbstractBaseUser) -> bool:
        """Tell whether the connection may name a user whom it did not make.

        Whoever writes the ``identity_fields`` of a user can have the password sent to themselves.
        So a user whom a connection linked keeps them, unless this says otherwise, and in any case
        while another connection or organization holds the user.
        """
        return False

    def me(self) -> str | None:
        """Return the SCIM id of the account that the caller of ``/Me`` is; None: nobody can say.

        ``self.context`` has the connection and the key of the token. An identity provider is not a
        person, so nothing is known here (RFC 7644 section 3.11).
        """
        return None

    # Roles of the project's own, beside Django groups and roles in organizations

    def roles(self) -> Sequence[str]:
        """Return the names of the roles that role mappings may give; none unless overridden."""
        return ()

    def grant_role(self, user: AbstractBaseUser, role: str) -> bool:
        """Give a user a role; return whether that changed anything.

        A role that the user has by hand is left alone, and not taken back later.
        """
        return False

    def revoke_role(self, user: AbstractBaseUser, role: str) -> None:
        """Take a role back that ``grant_role`` gave."""

    def role_holders(self, users: Sequence[AbstractBaseUser], role: str) -> Collection[Any] | None:
        """Return the keys of those users who have a role, given by hand or not.

        None, unless overridden: nobody can say, so ``scim_drift`` does not tell who lacks it.
        """
        return None

    # What is written

    def create_user(self, resource: Resource, fields: dict[str, Any]) -> AbstractBaseUser:
        """Store and return a new user with these field values; it cannot log in by password."""
        user: AbstractBaseUser = get_user_model()(**fields)
        self._set_active(user, bool(resource.get("active", True)))
        make_unusable(user)
        self._set_password(user, resource)
        self.saved_by(user, self.using)
        self.email_changed(user, "", str(getattr(user, user.get_email_field_name(), "") or ""))
        return user

    def update_user(
        self,
        user: AbstractBaseUser,
        resource: Resource,
        fields: dict[str, Any],
        *,
        active: bool | None = None,
    ) -> None:
        """Bring the user in line with the resource.

        ``fields`` holds what this connection may write, ``active`` is None where the log-in stays
        as it is.
        """
        address = user.get_email_field_name()
        before = str(getattr(user, address, "") or "")
        changed = [name for name, value in fields.items() if getattr(user, name) != value]
        for name in changed:
            setattr(user, name, fields[name])
        if active is not None and self._set_active(user, active):
            changed.append("is_active")
        if self._set_password(user, resource) or is_due(user):
            changed.append("password")
        if changed:
            self.saved_by(user, self.using, changed)
            note_saved(user)
        after = str(getattr(user, address, "") or "")
        # The same address in another form is as proven as it was.
        if self.normalized(address, before) != self.normalized(address, after):
            if not before:  # the hook takes who had none for a new user, who has no rows
                self._release_addresses(user, after)
            self.email_changed(user, before, after)

    def differences(
        self, user: AbstractBaseUser, resource: Resource, fields: dict[str, Any]
    ) -> dict[str, tuple[Any, Any]]:
        """Return what ``update_user`` would change: names, with what is and what it would become.

        ``scim_drift`` asks this for every user and changes nothing here. ``fields`` holds what
        this connection may write, and may be empty. Who overrides ``update_user`` to write more,
        or other values, says here what of it differs; no queries, please.
        """
        return {
            name: (getattr(user, name), value)
            for name, value in fields.items()
            if not is_same(user, name, value)
        }

    def is_active(self, user: AbstractBaseUser) -> bool | None:
        """Tell whether the user may log in; None where the model has no ``is_active``."""
        return bool(user.is_active) if "is_active" in user_model_fields() else None

    def email_changed(self, user: AbstractBaseUser, old: str, new: str) -> None:
        """Note that the address of a user is another one; nobody has proven the new one.

        ``old`` is empty for a new user, ``new`` where the address is taken away. Links to reset the
        password that were sent before end with the change where their generator looks at
        ``EMAIL_FIELD``, as Django's and allauth's do; end others here.

        Where allauth's accounts are installed, its rows follow, unverified.
        """
        if old:
            self._release_addresses(user, old, new)
        if new and apps.is_installed("allauth.account"):
            self._addresses_of(user).create(
                user=user, email=new.lower(), primary=True, verified=False
            )

    def _release_addresses(self, user: AbstractBaseUser, *addresses: str) -> None:
        """Delete allauth's rows of these addresses; no other one is the primary any more."""
        if apps.is_installed("allauth.account"):
            rows = self._addresses_of(user)
            named = (Q(email__iexact=address) for address in addresses)
            rows.filter(reduce(or_, named)).delete()
            rows.update(primary=False)

    def _addresses_of(self, user: AbstractBaseUser) -> QuerySet[Any]:
        addresses: Any = apps.get_model("account.EmailAddress")._default_manager
        rows: QuerySet[Any] = addresses.using(self.using).filter(user=user)
        return rows

    def delete_user(self, user: AbstractBaseUser) -> None:
        """Delete the user; ``ProtectedError`` or ``RestrictedError`` make it a deactivation."""
        user.delete(using=self.using)

    def _set_active(self, user: AbstractBaseUser, active: bool) -> bool:
        """Set ``is_active`` where the model has it as a field; return whether that changed it."""
        if "is_active" not in user_model_fields() or user.is_active == active:
            return False
        user.is_active = active
        return True

    def _set_password(self, user: AbstractBaseUser, resource: Resource) -> bool:
        password = resource.get("password")
        if not password or not get_settings().ALLOW_PASSWORD:
            return False
        user.set_password(password)
        return True


def forms_to_find(adapter: DefaultAdapter, fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the texts by which ``DefaultAdapter.find_users`` looks for users, for each field."""
    resource = adapter.context.resource
    sent = adapter.as_sent(dict(resource)) if resource else {}
    found: dict[str, tuple[str, ...]] = {}
    for name in filter(fields.get, found_by()):
        forms = [fields[name]]
        # Somebody else's code may have stored it as it came.
        if adapter.normalized(name, sent.get(name)) == fields[name]:
            forms.append(sent[name])
        found[name] = forms_of(*forms)
    return found


def adapter_class() -> type[DefaultAdapter]:
    """Return the class that ``SCIM_PROVIDER["ADAPTER"]`` names."""
    named: type[DefaultAdapter] = import_string(get_settings().ADAPTER)
    return named


def get_adapter(context: ProvisioningContext) -> DefaultAdapter:
    """Return the adapter for one operation of a connection."""
    return adapter_class()(context)
