"""What a project may get wrong in its adapter, one fault each; ``broken`` has more."""

from __future__ import annotations

from itertools import count
from typing import Any

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.resources import GroupStore

TURNS = count()


class WritesAnew(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        return {**super().user_fields(resource), "last_name": f"Turn {next(TURNS)}"}


class LeavesAddressesOut(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        kept = super().user_fields(resource)
        del kept["email"]
        return kept


class LeavesNamesOut(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        kept = super().user_fields(resource)
        del kept["first_name"]
        return kept


class WritesNumbers(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        return {**super().user_fields(resource), "last_name": 5}


class KnowsMore(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        return {**super().user_fields(resource), "nick_name": "Amazing"}


class NeverNormal(DefaultAdapter):
    def normalized(self, field: str, value: Any) -> Any:
        return f"{value}'" if field == "first_name" else super().normalized(field, value)


class ProtectsAll(DefaultAdapter):
    def is_protected(self, user: Any) -> bool:
        return True


class FindsAsWritten(DefaultAdapter):
    def find_users(self, fields: Any, *, resource: Any = None) -> Any:
        found = super().find_users(fields, resource=resource)
        # Not by the database, which may compare as people do.
        return [user for user in found if fields.items() <= vars(user).items()]


class GivesNoAnswer(DefaultAdapter):
    """Says neither whether a role was given nor, rightly, who holds it."""

    def roles(self) -> Any:
        return ["admin"]

    def grant_role(self, user: Any, role: str) -> Any:
        return None

    def revoke_role(self, user: Any, role: str) -> None:
        """Take nothing."""

    def role_holders(self, users: Any, role: str) -> Any:
        return {user.pk for user in users}


class ForgetsHolders(GivesNoAnswer):
    def grant_role(self, user: Any, role: str) -> Any:
        return True

    def role_holders(self, users: Any, role: str) -> Any:
        return set()


class KeepsTheDeleted(DefaultAdapter):
    def update_user(self, user: Any, resource: Any, fields: Any, *, active: Any = None) -> None:
        super().update_user(user, resource, fields)

    def delete_user(self, user: Any) -> None:
        """Delete nobody."""


class RenamesGroups(GroupStore):
    def create(self, resource: Any, **more: Any) -> Any:
        name = f"The {resource['displayName']}"
        return super().create({**resource, "displayName": name, "members": []}, **more)
