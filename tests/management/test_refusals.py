"""Each refusal of the management API, and that nothing has changed then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal

from django_scim_provider import signals
from django_scim_provider.models import ProviderConnection, SCIMToken
from tests.factories import make_connection, make_token
from tests.management.conftest import Person
from tests.people import make_user
from tests.scim_client import SCIMTestClient

GETS = ("list-provider-connections", "list-tokens", "list-events")
POSTS = ("generate-token", "rotate-token", "revoke-token", "delete-provider-connection")


def works(token: str) -> bool:
    return SCIMTestClient(token).get("/Users").status == 200


@pytest.mark.django_db
def test_nobody_signed_in_is_refused_everywhere() -> None:
    nobody = Person(None)

    replies = [nobody.get(path) for path in (*GETS, "get-provider-connection")]
    replies += [nobody.post(path, providerId="acme") for path in POSTS]

    assert {reply.status for reply in replies} <= {401, 403}
    assert not ProviderConnection.objects.exists()


@pytest.mark.django_db
def test_token_of_an_identity_provider_is_nobody_here() -> None:
    token = make_token(provider_id="acme")
    nobody = Person(None, headers={"authorization": f"Bearer {token}"})

    assert nobody.get("list-provider-connections").status in (401, 403)
    assert nobody.generate().status in (401, 403)


def test_session_is_nobody_at_the_protocol(ann: Person) -> None:
    assert ann.client.get("/scim/v2/Users").status_code == 401


@pytest.mark.parametrize("path", POSTS)
def test_session_needs_the_csrf_token(ann: Person, path: str) -> None:
    careless = Person(ann.user, enforce_csrf_checks=True)

    reply = careless.post(path, providerId="acme")

    assert reply.status == 403
    assert "CSRF" in reply.json["detail"]
    assert not ProviderConnection.objects.exists()


@pytest.mark.parametrize("path", POSTS)
def test_only_json_is_read(ann: Person, path: str) -> None:
    form = ann.client.post(f"/scim/{path}", {"providerId": "acme"})
    text = ann.client.post(f"/scim/{path}", '{"providerId": "acme"}', content_type="text/plain")

    assert (form.status_code, text.status_code) == (415, 415)


@pytest.mark.parametrize("path", POSTS)
def test_nothing_changes_by_get(ann: Person, path: str) -> None:
    assert ann.get(path, providerId="acme").status == 405


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"providerId": ""},
        {"providerId": None},
        {"providerId": 7},
        {"providerId": True},
        {"providerId": ["acme"]},
        {"providerId": "a" * 256},
        {"providerId": "a:b"},
        {"providerId": "a\n"},
        {"providerId": "a\x00b"},
        {"providerId": "a\u202eb"},
        {"providerId": "acme", "provider_id": "acme"},
        {"providerId": "acme", "owner": 1},
        {"providerId": "acme", "scopes": ["all"]},
        {"providerId": "acme", "expiresIn": 0},
        {"providerId": "acme", "expiresIn": 10**12},
        {"providerId": "acme", "overlap": -1},
        {"providerId": "acme", "organizationId": "a:b"},
        {"providerId": "acme", "organizationId": 7},
    ],
)
def test_body_that_is_not_valid_is_400(ann: Person, body: dict[str, Any]) -> None:
    assert ann.post("generate-token", **body).status == 400
    assert not ProviderConnection.objects.exists()


@pytest.mark.parametrize("id", ["google", "GOOGLE", "credential", "intranet", "fixed", "own-oidc"])
def test_id_of_a_log_in_provider_is_400(
    ann: Person, scim_settings: Any, settings: Any, id: str
) -> None:
    scim_settings(
        RESERVED_PROVIDER_IDS=["intranet"],
        DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": "s" * 24}],
    )
    apps = [{"provider_id": "own-oidc", "client_id": "c"}]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}

    reply = ann.generate(id)

    assert reply.status == 400
    assert "reserved" in str(reply.json)


def test_id_of_social_auth_is_400(ann: Person, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [
        "social_core.backends.github.GithubOAuth2",
        "django.contrib.auth.backends.ModelBackend",
    ]

    assert ann.generate("github").status == 400


def test_connection_of_somebody_else_is_403(ann: Person, person: Callable[..., Person]) -> None:
    token = ann.generate().json["scimToken"]

    reply = person("bob").generate()

    assert reply.status == 403
    assert works(token)


def test_connection_without_an_owner_is_closed_to_all(ann: Person) -> None:
    make_token(provider_id="acme")

    assert ann.generate().status == 403
    assert ann.get("get-provider-connection", providerId="acme").status == 404
    assert ann.get("list-provider-connections").json["count"] == 0


def test_connection_without_an_owner_is_shared_where_ownership_is_off(
    ann: Person, person: Callable[..., Person], scim_settings: Any
) -> None:
    ann.generate("owned")
    scim_settings(PROVIDER_OWNERSHIP={"enabled": False})
    bob = person("bob")

    made = ann.generate("shared")
    listed = [
        found["providerId"] for found in bob.get("list-provider-connections").json["providers"]
    ]

    assert made.status == 201
    assert ProviderConnection.objects.get(provider_id="shared").owner is None
    assert listed == ["shared"]
    assert bob.generate("shared").status == 201
    assert bob.generate("owned").status == 403
    assert bob.post("delete-provider-connection", providerId="shared").status == 200


def test_no_member_is_403(ann: Person, person: Callable[..., Person]) -> None:
    person("boss", corp="owner")

    replies = [ann.generate("acme", "corp"), ann.generate("acme", "nowhere")]

    assert [(reply.status, reply.json) for reply in replies] == [(403, replies[0].json)] * 2
    assert not ProviderConnection.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("admin", 201), ("owner", 201)])
def test_role_decides(person: Callable[..., Person], role: str, status: int) -> None:
    boss, one = person("boss", corp="owner"), person("one", corp=role)
    token = boss.generate("okta", "corp").json["scimToken"]

    assert one.generate("acme", "corp").status == status
    others = [
        one.get("get-provider-connection", providerId="okta").status,
        one.post("rotate-token", providerId="okta", overlap=60).status,
        one.post("delete-provider-connection", providerId="okta").status,
    ]
    assert others == ([403] * 3 if status == 403 else [200, 201, 200])
    assert works(token) is (status == 403)


def test_role_can_be_another_one(person: Callable[..., Person], scim_settings: Any) -> None:
    scim_settings(REQUIRED_ROLE=["it"])

    assert person("one", corp="it").generate("acme", "corp").status == 201
    assert person("two", corp="owner").generate("other", "corp").status == 403


def test_suspended_member_is_403(person: Callable[..., Person]) -> None:
    from tests.tenancy.models import Membership

    one = person("one", corp="owner")
    Membership.objects.update(is_active=False)

    assert one.generate("acme", "corp").status == 403


def test_organization_where_there_are_none_is_400(ann: Person, scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND=None)

    reply = ann.generate("acme", "corp")

    assert reply.status == 400
    assert "not enabled" in str(reply.json)


def test_unknown_connection_is_404(ann: Person) -> None:
    assert ann.get("get-provider-connection", providerId="acme").status == 404
    assert ann.post("rotate-token", providerId="acme").status == 404
    assert ann.post("delete-provider-connection", providerId="acme").status == 404
    assert ann.post("revoke-token", tokenId="00000000-0000-7000-8000-000000000000").status == 404
    assert ann.post("revoke-token", tokenId="x").status == 400


def test_organization_of_a_connection_never_changes(person: Callable[..., Person]) -> None:
    one = person("one", corp="owner", other="owner")
    token = one.generate("acme", "corp").json["scimToken"]
    one.generate("personal")

    assert one.generate("acme", "other").status == 403
    assert one.generate("personal", "corp").status == 403
    assert one.generate("acme").status == 201
    assert ProviderConnection.objects.get(provider_id="acme").organization_id == "corp"
    assert not works(token)


def no_token(**asked: Any) -> bool:
    return asked["connection"] is not None


def test_project_has_the_last_word_and_can_only_restrict(
    ann: Person, person: Callable[..., Person], scim_settings: Any
) -> None:
    scim_settings(CAN_GENERATE_TOKEN="tests.management.test_refusals.no_token")
    make_connection(provider_id="own", owner=ann.user)

    assert ann.generate("new").status == 403
    assert ann.generate("own").status == 201
    assert person("bob").generate("own").status == 403


@pytest.fixture
def veto(request: pytest.FixtureRequest) -> Iterator[Signal]:
    """Refuse every token by the hook."""

    def refuse(**sent: Any) -> None:
        raise PermissionDenied("not on a Friday")

    signals.before_scim_token_generated.connect(refuse)
    yield signals.before_scim_token_generated
    signals.before_scim_token_generated.disconnect(refuse)


def test_veto_leaves_the_earlier_token_alive(ann: Person, request: Any) -> None:
    old = ann.generate().json["scimToken"]
    before = list(SCIMToken.objects.values())
    request.getfixturevalue("veto")

    replies = [ann.generate(), ann.post("rotate-token", providerId="acme"), ann.generate("new")]

    assert [(r.status, r.json) for r in replies] == [(403, {"detail": "not on a Friday"})] * 3
    assert works(old)
    assert [{**row, "last_used_at": None} for row in SCIMToken.objects.values()] == before
    assert ProviderConnection.objects.count() == 1


@pytest.mark.django_db
def test_inactive_user_is_refused() -> None:
    user = make_user("ann@x.example")
    ann = Person(user)
    user.is_active = False
    user.save()

    assert ann.generate().status in (401, 403)
