"""People log in by allauth as the very user that was provisioned."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model

from django_scim_provider.log_in import connection_of_session
from tests.log_in_by_allauth.browsing import ANN, ISSUERS, Issuers, bind, log_in, who
from tests.people import connect, host_user, make_user, set_active

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.log_in.urls")]


def test_provisioned_person_logs_in_and_is_attached() -> None:
    user = host_user(connect("acme").create_user("ann", externalId="00uANN"))

    answer = log_in(ANN)

    assert (answer.status_code, answer["Location"]) == (302, "/who/")
    assert who(answer) == "ann"
    assert connection_of_session(answer.client) == "acme"
    attached = SocialAccount.objects.get()
    assert (attached.user, attached.provider, attached.uid) == (user, "okta-acme", "00uANN")
    assert who(log_in(ANN)) == "ann"  # and again
    assert SocialAccount.objects.count() == 1


def test_log_in_changes_nothing_of_the_user() -> None:
    emails = [{"value": "ann@x.example", "primary": True}]
    user = host_user(connect("acme").create_user("ann", externalId="00uANN", emails=emails))
    before = get_user_model()._default_manager.filter(pk=user.pk).values("password", "email").get()

    log_in({**ANN, "email": "other@x.example", "name": "Somebody Else", "is_superuser": True})

    assert get_user_model()._default_manager.filter(pk=user.pk).values(*before).get() == before
    assert not EmailAddress.objects.filter(email="other@x.example").exists()


def test_stranger_is_refused_and_no_user_is_made() -> None:
    connect("acme").create_user("ann", externalId="00uANN")
    before = get_user_model()._default_manager.count()

    answer = log_in({"sub": "00uNEW", "email": "new@x.example"})

    assert answer.status_code == 403
    assert "has not set up an account for you here" in answer.content.decode()
    assert who(answer) == "nobody"
    assert get_user_model()._default_manager.count() == before
    assert not SocialAccount.objects.exists()


def test_deactivated_person_is_out_at_once_and_does_not_come_back() -> None:
    scim = connect("acme")
    ann = scim.create_user("ann", externalId="00uANN")
    answer = log_in(ANN)
    assert who(answer) == "ann"

    set_active(scim, ann, False)

    assert who(answer) == "nobody"
    again = log_in(ANN)
    assert again.status_code == 403
    assert "has deactivated your account" in again.content.decode()
    assert who(again) == "nobody"
    set_active(scim, ann, True)
    assert who(log_in(ANN)) == "ann"


def test_deprovisioned_person_is_refused_in_clear_words(scim_settings: Any) -> None:
    bind(scim_settings, only_provisioned=False)
    scim_settings(DEPROVISION="deactivate")
    scim = connect("acme")
    ann = scim.create_user("ann", externalId="00uANN")

    scim.request("DELETE", f"/Users/{ann['id']}")
    answer = log_in(ANN)

    assert answer.status_code == 403
    assert "has removed your account" in answer.content.decode()


@pytest.mark.parametrize("verified", [True, False])
def test_address_of_somebody_else_leads_nowhere(scim_settings: Any, verified: bool) -> None:
    bind(scim_settings, only_provisioned=False)
    emails = [{"value": "boss@x.example", "primary": True}]
    connect("acme").create_user("boss@x.example", externalId="00uBOSS", emails=emails)
    EmailAddress.objects.update(verified=True)
    own = make_user("own@x.example")
    EmailAddress.objects.create(user=own, email=own.email, verified=True, primary=True)

    for address in ("boss@x.example", "own@x.example"):
        claims = {"sub": "00uEVE", "email": address, "email_verified": verified}
        answer = log_in({**claims, "preferred_username": "boss@x.example"})
        assert who(answer) == "nobody"
    assert not SocialAccount.objects.exists()
    own.refresh_from_db()
    assert own.has_usable_password()


def test_log_in_provider_of_another_customer_leads_nowhere() -> None:
    connect("acme").create_user("ann", externalId="00uANN")
    connect("globex").create_user("bob", externalId="00uBOB")

    for claims in (ANN, {**ANN, "iss": ISSUERS["okta-globex"], "connection": "acme"}):
        assert who(log_in(claims, "okta-globex")) == "nobody"
    assert who(log_in({"sub": "00uBOB"}, "okta-globex")) == "bob"


def test_id_token_and_userinfo_about_two_people_name_nobody(issuers: Issuers) -> None:
    connect("acme").create_user("ann", externalId="00uANN")
    issuers["okta-acme"].userinfo = {"sub": "00uEVE"}

    assert who(log_in(ANN)) == "nobody"
