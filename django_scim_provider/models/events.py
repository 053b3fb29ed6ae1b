"""Provisioning events: who changed what, and how it went."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField


class ProvisioningEvent(models.Model):
    """One change, done or refused.

    It names ids and attributes and holds no value of them: no body, token, name or address.
    ``left_out`` is what a client called attributes that no schema defines.
    """

    class Outcome(models.TextChoices):
        """How a change ended."""

        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    class Action(models.TextChoices):
        """What is done to a resource, to a connection, or to what belongs to one.

        The column takes other words too: a store of the project's own may have some.
        """

        CREATE = "create", _("create")
        UPDATE = "update", _("update")
        ACTIVATE = "activate", _("activate")
        DEACTIVATE = "deactivate", _("deactivate")
        DELETE = "delete", _("delete")
        CHANGE_EMAIL = "change_email", _("change an e-mail address")
        LEAVE_OUT = "leave_out", _("leave out what no schema defines")
        BULK = "bulk", _("bulk request")
        ADOPT = "adopt", _("link a user that exists")
        UNLINK = "unlink", _("unlink a user")
        RELEASE = "release", _("release a user")
        BRING_BACK = "bring_back", _("let a user come back")
        IGNORE_FAILURE = "ignore_failure", _("ignore a failure")
        REOPEN_FAILURE = "reopen_failure", _("reopen a failure")
        RECONCILE = "reconcile", _("reconcile roles")
        REPAIR_DRIFT = "repair_drift", _("repair drift")
        EXPORT_PEOPLE = "export_people", _("export people")
        EXPORT_GROUPS = "export_groups", _("export groups")
        EXPORT_EVENTS = "export_events", _("export events")
        EXPORT_DRIFT = "export_drift", _("export what differs")
        EXPORT_ROLES = "export_roles", _("export whose roles a mapping changes")
        EXPORT_CONSEQUENCES = "export_consequences", _("export whom a change touches")
        CREATE_CONNECTION = "create_connection", _("create a connection")
        UPDATE_CONNECTION = "update_connection", _("change a connection")
        ENABLE_CONNECTION = "enable_connection", _("enable a connection")
        DISABLE_CONNECTION = "disable_connection", _("disable a connection")
        DELETE_CONNECTION = "delete_connection", _("close a connection")
        REVIVE_CONNECTION = "revive_connection", _("reopen a connection")
        DECOMMISSION = "decommission", _("decommission a connection")
        GENERATE_TOKEN = "generate_token", _("generate a token")
        REVOKE_TOKEN = "revoke_token", _("revoke a token")
        CREATE_MAPPING = "create_mapping", _("map a group to a role")
        UPDATE_MAPPING = "update_mapping", _("change a mapping")
        DELETE_MAPPING = "delete_mapping", _("delete a mapping")
        CREATE_WEBHOOK = "create_webhook", _("add a webhook")
        ENABLE_WEBHOOK = "enable_webhook", _("enable a webhook")
        DISABLE_WEBHOOK = "disable_webhook", _("disable a webhook")
        DELETE_WEBHOOK = "delete_webhook", _("remove a webhook")
        ROTATE_WEBHOOK_SECRET = "rotate_webhook_secret", _("rotate the secret of a webhook")
        RESEND_WEBHOOK = "resend_webhook", _("send messages of a webhook again")
        RUN_DOCTOR = "run_doctor", _("check the deployment")
        RUN_SIMULATOR = "run_simulator", _("play an identity provider")
        RUN_DRIFT = "run_drift", _("compare with the project")
        START_RECORDING = "start_recording", _("record requests")
        STOP_RECORDING = "stop_recording", _("record no more requests")
        ERASE_RECORDING = "erase_recording", _("delete recorded requests")
        READ_RECORDING = "read_recording", _("read a recorded request")
        REPLAY_RECORDING = "replay_recording", _("try recorded requests again")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = MomentField(_("at"))
    provider = connection_key("events")
    token_id = models.UUIDField(_("token"), null=True)
    """The key of the ``SCIMToken`` behind a change by an identity provider."""
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    """Who made a change that is not an identity provider's."""
    action = models.CharField(_("action"), max_length=32)
    resource_type = ExactCharField(_("resource type"), max_length=64, blank=True)
    resource_id = ExactCharField(_("resource id"), max_length=255, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    scim_type = models.CharField(_("scimType"), max_length=32, blank=True)
    changed = models.TextField(_("changed attributes"), blank=True)
    """Names of attributes, with commas between; those of extensions are qualified."""
    left_out = models.TextField(_("unknown attributes"), blank=True)
    """Names that a request had and no schema defines, cut, ten at most, with commas between."""
    request_id = ExactCharField(_("request id"), max_length=64, blank=True)
    duration = models.PositiveIntegerField(_("milliseconds"), null=True)
    failure_id = models.UUIDField(null=True, editable=False)
    """Of a refusal, the key of the ``Failure`` that it belongs to, which may be gone by now."""

    class Meta:
        verbose_name = _("provisioning event")
        verbose_name_plural = _("provisioning events")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["provider", "id"], name="scim_event_order"),
            # Lists and exports go by the key, pruning by time; what happened to one resource or in
            # one request is asked for by its id. In Meta: ``db_index`` makes a second index for
            # LIKE of each text on PostgreSQL. The key behind the id of the resource: else the
            # latest few events of one resource are looked for among those of all.
            models.Index(fields=["at"], name="scim_event_at"),
            models.Index(fields=["resource_id", "id"], name="scim_event_resource"),
            models.Index(fields=["request_id"], name="scim_event_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.resource_id}".strip()
