"""Linked accounts: people as one connection knows them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.core.schemas.user import MAX_EMAIL_LENGTH, MAX_TYPE_LENGTH
from django_scim_provider.core.validation.lengths import GROWTH
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import (
    ContainmentIndex,
    ExactCharField,
    ExactTextField,
    FindingIndex,
    LongTextIndex,
    SCIMIdField,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField
from django_scim_provider.models.resources import AbstractDocument

MAX_BEGINNING = 128
"""Characters of a name that an index holds, whatever the database."""


class LinkedAccountQuerySet(models.QuerySet["LinkedAccount"]):
    """Rows by whose they are."""

    def of(self, provider_id: str) -> LinkedAccountQuerySet:
        """Return what belongs to one connection."""
        return self.filter(**{"provider_id": provider_id})  # the stubs do not know to_field


class LinkedAccount(models.Model):
    """One person as one connection knows them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scim_id = SCIMIdField(_("SCIM id"))
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # every constraint and index below starts with it
        on_delete=models.PROTECT,  # a provider id stays taken while anything belongs to it
        related_name="accounts",
        verbose_name=_("connection"),
    )
    account_id = ExactCharField(
        _("account id"),
        max_length=GROWTH * MAX_NAME_LENGTH,
        help_text=_("The normalised userName, which is unique in the connection."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="scim_accounts",
        verbose_name=_("user"),
    )
    external_id = ExactCharField(
        _("external id"), max_length=MAX_NAME_LENGTH, null=True, blank=True
    )
    user_name = models.CharField(_("user name"), max_length=MAX_NAME_LENGTH)
    display_name = models.TextField(  # noqa: DJ001 - NULL is unassigned
        _("display name"), null=True, editable=False
    )
    """How groups show the person among their members; NULL where nobody gave a name to read."""
    display_key = ExactTextField(null=True, editable=False)
    active = models.BooleanField(_("active"), null=True, default=True)
    """As the resource has it; NULL is unassigned, which opens no more than False."""
    resource = models.TextField(
        editable=False,
        help_text=_("All that is known of the person, as the identity provider reads it back."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = MomentField(_("created at"), editable=False)
    last_modified = MomentField(_("last modified"), editable=False)
    created_user = models.BooleanField(
        _("created the user"),
        default=False,
        help_text=_(
            "Whether this connection made the user, who then follows the directory in name and "
            "address."
        ),
    )
    manages_profile = models.BooleanField(
        _("manages the profile"),
        default=True,
        help_text=_("Whether this connection writes the user's name and address."),
    )
    released_at = MomentField(
        _("released at"),
        null=True,
        editable=False,
        help_text=_("When decommissioning the connection released the user."),
    )

    objects = LinkedAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("linked account")
        verbose_name_plural = _("linked accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "account_id"], name="scim_account_key"),
            models.UniqueConstraint(fields=["provider", "scim_id"], name="scim_account_scim_id"),
            models.UniqueConstraint(fields=["provider", "user"], name="scim_account_user"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "id"], name="scim_account_order"),
            FindingIndex(fields=["provider", "external_id"], name="scim_account_external_id"),
        ]

    def __str__(self) -> str:
        return self.user_name


class AccountDocument(AbstractDocument):
    """The document of an account."""

    account = models.OneToOneField(
        LinkedAccount, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )

    family_name_key = ExactCharField(max_length=MAX_BEGINNING, null=True, editable=False)
    given_name_key = ExactCharField(max_length=MAX_BEGINNING, null=True, editable=False)
    display_name_key = ExactCharField(max_length=MAX_BEGINNING, null=True, editable=False)

    class Meta:
        verbose_name = _("account document")
        verbose_name_plural = _("account documents")
        indexes: ClassVar = [
            models.Index(fields=["provider", "last_modified"], name="scim_account_modified"),
            models.Index(fields=["provider", "family_name_key"], name="scim_account_family_name"),
            models.Index(fields=["provider", "given_name_key"], name="scim_account_given_name"),
            models.Index(fields=["provider", "display_name_key"], name="scim_account_display_name"),
            ContainmentIndex(fields=["folded"], name="scim_account_folded"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AccountEmail(models.Model):
    """An index row for one e-mail address of an account, so that filters find it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(LinkedAccount, on_delete=models.CASCADE, related_name="emails")
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the index below starts with it
        db_constraint=False,  # a copy of the account's, which vouches for it
        on_delete=models.DO_NOTHING,
        related_name="+",
    )
    value_key = ExactCharField(max_length=GROWTH * MAX_EMAIL_LENGTH, null=True)
    type = ExactCharField(max_length=GROWTH * MAX_TYPE_LENGTH, null=True)
    primary = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("account e-mail address")
        verbose_name_plural = _("account e-mail addresses")
        indexes: ClassVar = [
            LongTextIndex(fields=["provider", "value_key"], name="scim_email_value"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
