"""A user from the first request to the last, and what nobody may have twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.urns import PATCH_URN
from django_scim_provider.models import LinkedAccount
from django_scim_provider.registry import get_registry
from django_scim_provider.selfcheck.checked_connection import (
    CheckedConnection,
    raised,
    unexpected,
)
from django_scim_provider.selfcheck.places_of_code import place_of_method
from django_scim_provider.selfcheck.rehearsed_caller import HeardAnswer
from django_scim_provider.selfcheck.told_faults import NothingToCheck, ToldFault
from django_scim_provider.user_model import name_fields


def life_of_a_user(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield what goes wrong while somebody is created, changed, deactivated and deleted."""
    sent = checked.user()
    step = checked.step("Creating a user", "POST", "/Users", sent, expect=(201,))
    yield from step.faults
    if not step.went:
        return
    id = str(step.answer.body.get("id"))
    path, store = f"/Users/{id}", store_of("User")
    yield from checked.shown(sent, step.answer, "creating a user", store)
    yield from checked.kept(id, "creating a user", "create_user")
    yield from _found(checked, id, sent)
    yield from _patched(checked, id, path)
    yield from _put(checked, id, path, sent)
    yield from _switched(checked, id, path)
    yield from _deleted(checked, id, path)


def uniqueness_of_users(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield where somebody may be called what another person is called."""
    sent = checked.user()
    step = checked.step("Creating a user", "POST", "/Users", sent, expect=(201,))
    yield from step.faults
    if not step.went:
        return
    again = {**checked.user(), "userName": sent["userName"].upper()}
    what = "Creating a second user of that name in another case"
    twice = checked.step(what, "POST", "/Users", again, expect=(409,), where=store_of("User"))
    yield from twice.faults
    yield from _renamed_to(checked, sent)
    yield from _of_the_neighbour(checked)


def store_of(name: str) -> str:
    """Return where the store of a resource type creates, or else its class."""
    return place_of_method(get_registry().by_name(name).store, "create")


def patch_of(*operations: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a PATCH."""
    return {"schemas": [PATCH_URN], "Operations": list(operations)}


def _found(checked: CheckedConnection, id: str, sent: Resource) -> Iterator[ToldFault]:
    store = store_of("User")
    read = checked.step("Reading a user", "GET", f"/Users/{id}", where=store)
    yield from read.faults
    if read.went:
        yield from checked.shown(sent, read.answer, "reading a user", store)
    for name in ("userName", "externalId"):
        answer = checked.caller.get("/Users", filter=f'{name} eq "{sent[name]}"')
        what = f"Finding a user by {name}"
        if answer.status != 200:
            yield unexpected(what, answer, (200,), store)
        elif [one.get("id") for one in answer.resources] != [id]:
            yield ToldFault(store, f"{what} finds {len(answer.resources)} users, and not the one.")


def _patched(checked: CheckedConnection, id: str, path: str) -> Iterator[ToldFault]:
    value = {"title": "Director", "name.familyName": "Changed", "displayName": "Grace Changed"}
    operations = [{"op": "replace", "path": name, "value": given} for name, given in value.items()]
    body = patch_of(*operations)
    step = checked.step("Changing a user by PATCH", "PATCH", path, body)
    yield from step.faults
    if not step.went:
        return
    yield from checked.kept(id, "a PATCH", "update_user")
    first = checked.caller.get(path)
    due = {"title": "Director", "displayName": "Grace Changed", "name": {"familyName": "Changed"}}
    yield from checked.shown(due, first, "a PATCH", store_of("User"))
    again = checked.step("Repeating a PATCH", "PATCH", path, body)
    yield from again.faults
    versions = [
        one.body.get("meta", {}).get("version") for one in (first, checked.caller.get(path))
    ]
    if again.went and versions[0] != versions[1]:
        says = "A PATCH that changes nothing makes another version of the user."
        yield ToldFault(store_of("User"), says)


def _put(checked: CheckedConnection, id: str, path: str, sent: Resource) -> Iterator[ToldFault]:
    body = {**sent, "title": "Engineer again", "name": {"givenName": "Ada", "familyName": "Put"}}
    step = checked.step("Replacing a user by PUT", "PUT", path, body, expect=(200,))
    yield from step.faults
    if step.went:
        yield from checked.shown(body, step.answer, "a PUT", store_of("User"))
        yield from checked.kept(id, "a PUT", "update_user")


def _switched(checked: CheckedConnection, id: str, path: str) -> Iterator[ToldFault]:
    for active, what in ((False, "Deactivating a user"), (True, "Reactivating a user")):
        body = patch_of({"op": "replace", "path": "active", "value": active})
        step = checked.step(what, "PATCH", path, body)
        yield from step.faults
        if step.went:
            yield from checked.kept(id, what[0].lower() + what[1:], "update_user")


def _deleted(checked: CheckedConnection, id: str, path: str) -> Iterator[ToldFault]:
    account = checked.account(id)
    step = checked.step("Deleting a user", "DELETE", path, expect=(204,))
    yield from step.faults
    if not step.went:
        return
    gone = checked.caller.get(path)
    if gone.status != 404:
        yield unexpected("Reading a user who was deleted", gone, (404,), store_of("User"))
    if account is None:
        return
    users = get_user_model()._base_manager.using(checked.using)
    left = users.filter(pk=account.user.pk).first()
    try:
        is_open = left is not None and checked.adapter().is_active(left) is True
    except Exception as error:
        yield raised("is_active()", error)
        return
    if is_open:
        says = "After deleting a user, the project's user is still there and can log in."
        yield ToldFault(checked.at("delete_user"), says)


def _renamed_to(checked: CheckedConnection, taken: Resource) -> Iterator[ToldFault]:
    step = checked.step("Creating a user", "POST", "/Users", checked.user(), expect=(201,))
    yield from step.faults
    if step.went:
        path = f"/Users/{step.answer.body.get('id')}"
        body = patch_of({"op": "replace", "path": "userName", "value": taken["userName"]})
        what = "Renaming a user to a name that is taken"
        yield from checked.step(what, "PATCH", path, body, expect=(409,)).faults


def _of_the_neighbour(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield where a connection gets at the people of another one by their name or address.

    Raises:
        NothingToCheck: nobody could be created by another connection.
    """
    sent = checked.user()
    made = checked.neighbour.send("POST", "/Users", sent)
    if made.status != 201:
        raise NothingToCheck(f"Another connection could create nobody: {made.says}.")
    other = _user_of(checked.neighbour.provider_id, made, checked)
    stranger = {**checked.user(), "emails": sent["emails"]}
    for what, body in (("name and address", sent), ("address", stranger)):
        words = f"Creating a user whose {what} a user of another connection has"
        step = checked.step(words, "POST", "/Users", body, expect=(201, 409))
        yield from step.faults
        if step.answer.status == 201 and not get_settings().LINK_EXISTING_USERS:
            own = _user_of(checked.caller.provider_id, step.answer, checked)
            yield from _alike(checked, words, own, other)


def _alike(checked: CheckedConnection, what: str, own: Any, other: Any) -> Iterator[ToldFault]:
    """Yield what two users have in common of whom only one should be there."""
    if own is None or other is None:
        return
    where = checked.at("find_users")
    if own.pk == other.pk:
        says = f"{what} links that user, though LINK_EXISTING_USERS allows no linking."
        yield ToldFault(where, says)
        return
    for name in name_fields():
        held = [str(getattr(user, name, "") or "") for user in (own, other)]
        if held[0] and fold(held[0]) == fold(held[1]):
            # A project may keep people of several customers apart who have one address.
            says = f"{what} makes two users with one {name}: find_users() does not find the first."
            yield ToldFault(where, says, "warning")


def _user_of(provider_id: str, answer: HeardAnswer, checked: CheckedConnection) -> Any:
    """Return the project's user behind an answer; None in stores without accounts."""
    rows = LinkedAccount.objects.using(checked.using).of(provider_id).select_related("user")
    account = rows.filter(scim_id=answer.body.get("id")).first()
    return None if account is None else account.user
