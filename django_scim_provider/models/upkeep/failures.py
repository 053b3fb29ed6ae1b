"""Failures: whom an identity provider cannot provision, and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_scim_provider.core.errors import MAX_DETAIL_LENGTH
from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField

DIGEST_LENGTH = 64
"""Characters of a digest."""
MAX_ATTRIBUTE_LENGTH = 255
"""Characters of the path of an attribute that are kept."""


class FailureState(models.TextChoices):
    """What has become of a failure."""

    OPEN = "open", _("open")
    DONE = "done", pgettext_lazy("failure", "done")
    IGNORED = "ignored", _("ignored")


class Failure(models.Model):
    """What keeps going wrong with one person or group of a connection: one row for each kind.

    It holds no value that was sent. Who it is stands in it as keyed digests, and for some days as
    an encrypted text (``FAILED_IDENTITIES``); ``storage.failures`` writes and reads both.

    The key follows from connection, subject and kind, so that there is one row of each, and the
    event of a refusal names it before it is written.
    """

    State: ClassVar = FailureState
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("failures")
    subject = ExactCharField(max_length=DIGEST_LENGTH)
    """A keyed digest of who it is: of the resource id where the request named one, else of the
    folded name, else of the ``externalId``."""
    alias = ExactCharField(max_length=DIGEST_LENGTH, blank=True)
    """A keyed digest of the ``externalId``, where there is one beside another subject."""
    kind = ExactCharField(max_length=DIGEST_LENGTH)
    """A digest of what goes wrong: action, status, attribute, ``scimType``, and what it collides
    with."""
    resource_type = ExactCharField(_("resource type"), max_length=64, blank=True)
    resource_id = ExactCharField(_("resource id"), max_length=255, blank=True)
    """Empty for what could not be created."""
    action = models.CharField(_("action"), max_length=32)
    attribute = models.CharField(_("attribute"), max_length=MAX_ATTRIBUTE_LENGTH, blank=True)
    """In SCIM's spelling."""
    scim_type = models.CharField(_("scimType"), max_length=32, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    detail = models.CharField(_("detail"), max_length=MAX_DETAIL_LENGTH, blank=True)
    """The sentence of the answer, without values."""
    collides_type = ExactCharField(max_length=64, blank=True)
    """``user`` for one of the project's users, else the resource type of what has the value."""
    collides_id = ExactCharField(max_length=255, blank=True)
    """The key of the user, or the SCIM id of the resource."""
    count = models.PositiveIntegerField(_("times"), default=1)
    first_at = MomentField(_("since"))
    last_at = MomentField(_("last time"))
    last_request_id = models.CharField(_("request id"), max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=FailureState, default=FailureState.OPEN
    )
    ended_at = MomentField(_("ended at"), null=True)
    identity = models.TextField(blank=True)
    """Name and ``externalId``, encrypted; empty where they are not kept, or no longer."""
    identity_until = MomentField(null=True)

    class Meta:
        verbose_name = _("failure")
        verbose_name_plural = _("failures")
        ordering: ClassVar = ["-last_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["provider", "subject"], name="scim_failure_subject"),
            models.Index(fields=["provider", "state", "last_at"], name="scim_failure_inbox"),
            models.Index(fields=["provider", "alias"], name="scim_failure_alias"),
            models.Index(fields=["identity_until"], name="scim_failure_identity"),
            models.Index(fields=["last_request_id"], name="scim_failure_request"),
            models.Index(fields=["last_at"], name="scim_failure_last"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.attribute}".strip()

    @classmethod
    def unsettled(cls) -> models.Q:
        """Return the condition on those that a success of the same person changes."""
        is_open = models.Q(state=cls.State.OPEN.value)
        # One by one they are served by the index; as an OR alone they are not everywhere.
        either = models.Q(state__in=[cls.State.OPEN.value, cls.State.IGNORED.value])
        return either & (is_open | models.Q(identity_until__isnull=False))
