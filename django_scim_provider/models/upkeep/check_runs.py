"""Runs of checks that people start from the page of a connection."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField

CLAIMED = UUID(int=0)
"""The claim of a run that is under way."""


class CheckKind(models.TextChoices):
    """What is checked."""

    DOCTOR = "doctor", _("The deployment")
    SIMULATOR = "simulator", _("A rehearsal of an identity provider")
    DRIFT = "drift", _("Drift")


class RunState(models.TextChoices):
    """What has become of a run."""

    WAITING = "waiting", _("waiting for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    """It could not be made to its end; ``problem`` says why."""
    LOST = "lost", _("broken off")
    """Nothing was heard of it any more: the process that made it is gone."""


UNDER_WAY = frozenset({RunState.WAITING, RunState.RUNNING})
"""The states of what has not ended."""


class CheckRun(models.Model):
    """A check that somebody started: how far it is, and what it found, without values of people."""

    Kind: ClassVar = CheckKind
    State: ClassVar = RunState
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("check_runs")
    kind = models.CharField(_("kind"), max_length=16, choices=CheckKind)
    options: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What was asked for, such as ``{"product": "okta", "people": 10}``."""
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = MomentField(_("started at"))
    heard_at = MomentField()
    """When its process last said that it is there."""
    ended_at = MomentField(_("ended at"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=RunState, default=RunState.RUNNING)
    claim = models.UUIDField(default=CLAIMED, editable=False)
    """``CLAIMED`` while it runs, then its own id: of one kind one runs at a time, which the
    constraint holds on every database, as nothing in it is NULL."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """0 while nobody knows."""
    found: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Numbers, ids and names of attributes; see ``admin.run_pages``."""
    problem = models.CharField(_("problem"), max_length=64, blank=True)
    """Why it failed, as a word that the page has a sentence for."""

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering: ClassVar = ["-pk"]
        default_permissions = ()
        permissions: ClassVar = [("run_checks", "Can run checks of connections")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "kind", "claim"], name="scim_run_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["provider", "id"], name="scim_run_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
