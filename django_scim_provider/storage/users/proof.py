"""Whether a user's address is their own, as far as the project knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount


def addresses_of(user: AbstractBaseUser, *names: str) -> list[str]:
    """Return the user's own address, and those of the names that are one."""
    own = str(getattr(user, user.get_email_field_name(), "") or "")
    return list(dict.fromkeys(text for text in (own, *names) if "@" in text))


def is_proven(
    user: AbstractBaseUser, addresses: Iterable[str], adapter: DefaultAdapter, *, vouched: bool
) -> bool:
    """Tell whether nobody but the owner of the addresses can be behind the user.

    Whoever may register can do so under an address that is not theirs, and would keep the password
    they chose. So an address that the project knows as unverified proves nobody; where it does not
    know, somebody with a password is only proven by what else ``vouched`` for them.
    """
    known = {adapter.is_email_verified(user, address) for address in addresses}
    if False in known:
        return _is_provisioned(user, adapter)
    return vouched or known == {True} or not user.has_usable_password()


def _is_provisioned(user: AbstractBaseUser, adapter: DefaultAdapter) -> bool:
    """Tell whether provisioning made the user, and left no way in to anybody."""
    accounts = LinkedAccount.objects.using(adapter.using).filter(user=user.pk, created_user=True)
    return accounts.exists() and not adapter.has_other_login(user)
