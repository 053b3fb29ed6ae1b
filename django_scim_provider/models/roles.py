"""What groups mean for the project: mappings to roles, and what was granted because of them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField


class GroupMapping(models.Model):
    """Members of a provisioned group get a Django group, or a role in its organization.

    A mapping by ``displayName`` follows the name: whoever may name groups in the directory decides
    who gets the role.
    """

    class MatchBy(models.TextChoices):
        """What of a group is compared with ``value``."""

        ID = "id", _("id")
        EXTERNAL_ID = "externalId", _("externalId")
        DISPLAY_NAME = "displayName", _("displayName")

    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the constraint starts with it
        on_delete=models.CASCADE,
        related_name="mappings",
        verbose_name=_("connection"),
    )
    match_by = models.CharField(_("match by"), max_length=16, choices=MatchBy, default=MatchBy.ID)
    value = ExactCharField(_("value"), max_length=255)
    django_group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Django group"),
    )
    organization_role = ExactCharField(_("organization role"), max_length=64, null=True, blank=True)
    project_role = ExactCharField(_("role of the project"), max_length=64, null=True, blank=True)
    """One of the adapter's ``roles``."""

    class Meta:
        verbose_name = _("group mapping")
        verbose_name_plural = _("group mappings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "match_by", "value", "django_group"], name="scim_mapping_group"
            ),
            models.UniqueConstraint(
                fields=["provider", "match_by", "value", "organization_role"],
                name="scim_mapping_role",
            ),
            models.UniqueConstraint(
                fields=["provider", "match_by", "value", "project_role"],
                name="scim_mapping_project_role",
            ),
            models.CheckConstraint(
                condition=Q(django_group__isnull=False, organization_role=None, project_role=None)
                | Q(django_group=None, organization_role__isnull=False, project_role=None)
                | Q(django_group=None, organization_role=None, project_role__isnull=False),
                name="scim_mapping_one_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.match_by} {self.value}"

    def clean(self) -> None:
        """Refuse a mapping without a target, with two, or to a role that there cannot be.

        Raises:
            ValidationError: saying which.
        """
        super().clean()
        self.organization_role = self.organization_role or None
        self.project_role = self.project_role or None
        targets = (self.django_group_id, self.organization_role, self.project_role)
        if sum(target is not None for target in targets) != 1:
            raise ValidationError(_("Choose a Django group or a role, and only one."))
        if not self.organization_role or self.provider_id is None:  # the form reports the latter
            return
        if self.provider.organization_id is None:
            raise ValidationError(_("The connection does not belong to an organization."))


class GroupGrant(models.Model):
    """Something that a user has because of a connection's mappings, and of nothing else before."""

    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the constraint starts with it
        on_delete=models.CASCADE,
        related_name="grants",
        verbose_name=_("connection"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    django_group = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("Django group")
    )
    organization_role = ExactCharField(_("organization role"), max_length=64, null=True)
    project_role = ExactCharField(_("role of the project"), max_length=64, null=True)

    class Meta:
        verbose_name = _("group grant")
        verbose_name_plural = _("group grants")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "user", "django_group"], name="scim_grant_group"
            ),
            models.UniqueConstraint(
                fields=["provider", "user", "organization_role"], name="scim_grant_role"
            ),
            models.UniqueConstraint(
                fields=["provider", "user", "project_role"], name="scim_grant_project_role"
            ),
        ]

    def __str__(self) -> str:
        return str(self.django_group or self.organization_role or self.project_role)
