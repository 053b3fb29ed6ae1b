"""What is kept of people and groups as the identity provider describes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import Settings
from django_scim_provider.insight.privacy.kept_data import KeptData, always
from django_scim_provider.models import LinkedAccount, ProvisionedGroup, Tombstone

_PLAIN = _("Not encrypted by this app: it lies in the database of this site as its users do.")


def _passwords(settings: Settings) -> Any:
    if settings.ALLOW_PASSWORD:
        return _(
            "All that the identity provider sends of a person and that is known here: user name, "
            "external id, names, addresses, telephone numbers, and the like. A password that it "
            "sends becomes that of the user and is kept nowhere else."
        )
    return _(
        "All that the identity provider sends of a person and that is known here: user name, "
        "external id, names, addresses, telephone numbers, and the like. A password that it sends "
        "is dropped."
    )


def _deletion(settings: Settings) -> Any:
    if settings.DEPROVISION == "delete":
        return _(
            "Until the identity provider deletes the person: whom nothing else holds is deleted "
            "with the account. When a connection is closed, its accounts stay as a record."
        )
    return _(
        "The account until the identity provider deletes the person; the user is deactivated then "
        "and stays. When a connection is closed, its accounts stay as a record."
    )


OF_PEOPLE: tuple[KeptData, ...] = (
    KeptData(
        slug="people",
        title=_("People"),
        what=_passwords,
        why=always(
            _(
                "So that they can log in here, and so that the identity provider reads back what "
                "it wrote, as the protocol asks."
            )
        ),
        how_long=_deletion,
        protection=always(_PLAIN),
        change=always(
            _(
                "The identity provider decides what it sends: take an attribute out of the mapping "
                "there. What becomes of deleted people is set with DEPROVISION."
            )
        ),
        rows=lambda using: LinkedAccount.objects.using(using),
        moment="created_at",
        model="linkedaccount",
    ),
    KeptData(
        slug="groups",
        title=_("Groups"),
        what=always(_("Names and external ids of groups, and who is a member of which.")),
        why=always(_("So that roles here can follow from groups there.")),
        how_long=always(_("Until the identity provider deletes the group.")),
        protection=always(_PLAIN),
        change=always(_("The identity provider decides which groups it sends.")),
        rows=lambda using: ProvisionedGroup.objects.using(using),
        moment="created_at",
        model="provisionedgroup",
    ),
    KeptData(
        slug="deleted-people",
        title=_("People who were deleted"),
        what=always(
            _(
                "User name and external id of people whom the identity provider deleted while "
                "their user here lives on."
            )
        ),
        why=always(_("So that the same person finds the same user again, and nobody else does.")),
        how_long=always(_("Until they come back, or their user is deleted.")),
        protection=always(_PLAIN),
        change=always(
            _(
                "Delete the user. With DEPROVISION set to delete, fewer users stay after their "
                "account."
            )
        ),
        rows=lambda using: Tombstone.objects.using(using),
    ),
)
