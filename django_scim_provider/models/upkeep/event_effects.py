"""What events did to people and groups beside the one that they name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.events import ProvisioningEvent
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField


class EffectKind(models.TextChoices):
    """What happened to the subject."""

    JOINED = "joined", _("joined the group")
    LEFT = "left", _("left the group")
    GRANTED = "granted", _("got a role")
    REVOKED = "revoked", _("lost a role")
    KEPT = "kept", _("kept the log-in")
    """A deactivation closes the log-in and ends the sessions, unless somebody else vouches."""
    LOST = "lost", _("lost a member whose account was deleted")
    """Of a group; the event is that of the account, which has no key any more."""


class EventEffect(models.Model):
    """One consequence of an event for one account or group: keys, and the name of a role.

    A change of a group can move ten thousand members. So the rows are narrow, and no constraint
    looks at their event for each. Pruning deletes them with their events; a cascade would have
    Django load each event that goes.
    """

    Kind: ClassVar = EffectKind
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(
        ProvisioningEvent,
        db_constraint=False,  # written before its event where both are one statement
        db_index=False,  # an index below starts with it
        on_delete=models.DO_NOTHING,
        related_name="effects",
        verbose_name=_("event"),
    )
    subject = models.UUIDField()
    """The key of the account, of the group that is a member of a group, or of the one that lost a
    member."""
    kind = models.CharField(_("kind"), max_length=8, choices=EffectKind)
    role = ExactCharField(_("role"), max_length=128, blank=True)
    """The ``target_key`` of what was given or taken."""
    through = models.UUIDField(null=True)
    """The key of the group that stands for a role that was given; of a group that was joined or
    left, the event is."""

    class Meta:
        verbose_name = _("effect of an event")
        verbose_name_plural = _("effects of events")
        default_permissions: ClassVar = ()  # they are read with their events
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["event", "kind"], name="scim_effect_event"),
            models.Index(fields=["subject", "event"], name="scim_effect_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class EventValues(models.Model):
    """What changed attributes held before and after an event: encrypted, and for some days only.

    ``storage.history.value_rows`` writes and reads them.
    """

    event = models.OneToOneField(
        ProvisioningEvent,
        primary_key=True,
        db_constraint=False,  # as above
        on_delete=models.DO_NOTHING,
        related_name="kept_values",
        verbose_name=_("event"),
    )
    subject = models.UUIDField()
    """The key of the account or group, with which they go."""
    text = models.TextField()
    until = MomentField()

    class Meta:
        verbose_name = _("values of an event")
        verbose_name_plural = _("values of events")
        default_permissions: ClassVar = ()
        permissions: ClassVar = [("view_event_values", "Can view values of events")]
        indexes: ClassVar = [
            models.Index(fields=["subject"], name="scim_event_values_subject"),
            models.Index(fields=["until"], name="scim_event_values_until"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
