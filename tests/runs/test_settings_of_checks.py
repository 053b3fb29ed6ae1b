"""What is wrong with the setting of workers for checks."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.checks import outgoing_calls


def test_workers_need_tasks(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(outgoing_calls, "TASKS_AVAILABLE", False)
    (refused,) = outgoing_calls.check_outgoing({"CHECK_TASKS": "default"})
    assert "CHECK_TASKS'] needs Django 6.0." in refused.msg

    monkeypatch.setattr(outgoing_calls, "TASKS_AVAILABLE", True)
    settings.TASKS = {"default": {}}
    (unknown,) = outgoing_calls.check_outgoing({"CHECK_TASKS": "nobody"})
    assert "CHECK_TASKS'] must be a key of TASKS." in unknown.msg
    assert not list(outgoing_calls.check_outgoing({"CHECK_TASKS": "default"}))
