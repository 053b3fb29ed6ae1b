"""What is right passes, nothing of it stays, and nobody hears of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import CommandError, call_command

from django_scim_provider.models import ProviderConnection
from django_scim_provider.selfcheck.whole_check import CheckedKind, check_project
from django_scim_provider.signals import user_provisioned
from tests.factories import make_connection, make_token
from tests.inventory.models import Scanner
from tests.scim_client import SCIMTestClient
from tests.selfcheck import broken
from tests.selfcheck.conftest import Checked

HERE = "tests.selfcheck.broken"


def rows() -> list[Any]:
    models: tuple[Any, ...] = (
        *apps.get_app_config("scim_provider").get_models(),
        get_user_model(),
        Scanner,
    )
    return [list(model._base_manager.order_by("pk").values()) for model in models]


@pytest.mark.django_db(transaction=True)
def test_what_is_right_passes_and_nothing_stays(checked: Checked) -> None:
    SCIMTestClient(make_token(provider_id="acme")).create_user("ann@x.example")
    before, broken.HEARD[:] = rows(), []
    user_provisioned.connect(
        lambda **_: broken.HEARD.append("signal"), weak=False, dispatch_uid="heard"
    )

    try:
        parts = checked(
            ADAPTER=f"{HERE}.Loud",
            EXTENSIONS={"User": ["tests.extensions.BADGE"]},
            RESOURCE_TYPES=[f"{HERE}.GOOD"],
        )
    finally:
        user_provisioned.disconnect(dispatch_uid="heard")

    assert {name: part.faults for name, part in parts.items() if part.state != "passed"} == {}
    assert list(parts) == [
        *("users", "adapter", "uniqueness", "groups"),
        *("extension:tests.extensions.BADGE", f"type:{HERE}.GOOD", "profile"),
    ]
    assert rows() == before
    assert (broken.HEARD, mail.outbox) == ([], [])


def run(**options: Any) -> tuple[int, str]:
    """Return the exit code of the command, and what it prints."""
    out = io.StringIO()
    try:
        call_command("scim_selfcheck", stdout=out, **options)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db
def test_each_kind_of_connection_is_checked_once() -> None:
    make_connection(provider_id="one", profile="entra")
    make_connection(provider_id="two", profile="entra")
    make_connection(provider_id="three", profile_switches={"dotted_keys": False})
    make_connection(provider_id="gone", profile="okta", enabled=False)

    code, text = run(json=True, check=["profile"])

    found = json.loads(text)
    assert (code, found["good"]) == (0, True)
    assert sorted(part["connection"] for part in found["checks"]) == [
        "entra",
        "generic (dotted_keys=off)",
    ]


@pytest.mark.django_db
def test_command_says_what_is_wrong_and_ends_with_1(scim_settings: Any) -> None:
    scim_settings(ADAPTER=f"{HERE}.Drops")

    code, text = run(check=["users"])

    assert code == 1
    assert "failed  users [generic]: a user, from creation to deletion" in text
    assert f"! {HERE}.Drops.update_user\n" in text
    assert "0 passed, 1 failed, 0 skipped. Nothing of it stays." in text


@pytest.mark.django_db
def test_time_that_is_up_is_a_fault() -> None:
    code, text = run(check=["users"], timeout=0.0)

    assert code == 1
    assert "The time was up before the checks ended." in text


@pytest.mark.django_db
def test_people_are_as_the_project_says(tmp_path: Path, settings: Any, checked: Checked) -> None:
    sample = tmp_path / "user.json"
    sample.write_text(json.dumps({"userName": "{name}@acme.example", "title": "Nurse"}))
    settings.SCIM_PROVIDER = {**settings.SCIM_PROVIDER, "ADAPTER": f"{__name__}.OfAcme"}

    without, _ = run(check=["users"])
    given, text = run(check=["users"], user=str(sample))

    assert (without, given) == (1, 0), text


class OfAcme(broken.Loud):
    """Takes people of one domain only."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        if not resource["userName"].endswith("@acme.example"):
            raise LookupError("a stranger")
        return super().user_fields(resource)


@pytest.mark.django_db
def test_connection_may_be_tried_as_itself(scim_settings: Any) -> None:
    make_connection(provider_id="acme", profile="okta")
    scim_settings(ADAPTER=f"{__name__}.ByConnection")

    assert run(check=["users"])[0] == 1
    code, text = run(check=["users"], provider="acme")

    assert code == 0, text
    assert "users [acme: okta]" in text
    assert list(ProviderConnection.objects.values_list("provider_id", flat=True)) == ["acme"]


class ByConnection(broken.Loud):
    """Knows one connection only."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        return {
            **super().user_fields(resource),
            "first_name": {"acme": "A"}[self.context.provider_id],
        }


@pytest.mark.django_db
def test_project_without_a_route_is_told_so(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.overview.urls_without_scim"

    code, text = run()

    assert (code, text.count("failed ")) == (1, 1)
    assert "! ROOT_URLCONF\n" in text


@pytest.mark.django_db(transaction=True)
def test_another_package_may_have_the_name_of_our_routes_too(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.selfcheck.urls_beside"

    (users,) = check_project(
        [CheckedKind()], sample={}, seconds=300, tell=lambda part: None, names=["users"]
    )

    assert (users.name, users.faults) == ("users", [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"profile": "nobody"}, "There is no profile 'nobody'"),
        ({"provider": "nobody"}, "There is no connection 'nobody'"),
        ({"check": ["nothing"]}, "There is no check 'nothing'; there are users,"),
        ({"user": "/nowhere.json"}, "cannot be read as JSON"),
    ],
)
def test_arguments_that_cannot_be_used(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(**options)


@pytest.mark.django_db
def test_profile_without_a_connection_is_checked_all_the_same() -> None:
    code, text = run(json=True, profile="jumpcloud", check=["profile"])

    (part,) = json.loads(text)["checks"]
    assert (code, part["connection"], part["state"]) == (0, "jumpcloud", "passed")
