"""What a project may get wrong: adapters, stores and types with one fault each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.stores import Stored
from django_scim_provider.registry import Registry
from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
    UserStore,
)
from tests.extensions import BADGE_URN
from tests.inventory.models import Scanner

HEARD: list[str] = []
"""What was called after a commit."""


class Raises(DefaultAdapter):
    def update_user(self, user: Any, resource: Any, fields: Any, *, active: Any = None) -> None:
        HEARD.append(resource["costCentre"])


class Drops(DefaultAdapter):
    def update_user(self, user: Any, resource: Any, fields: Any, *, active: Any = None) -> None:
        kept = {name: value for name, value in fields.items() if name != "last_name"}
        super().update_user(user, resource, kept, active=active)


class StaysOpen(DefaultAdapter):
    def update_user(self, user: Any, resource: Any, fields: Any, *, active: Any = None) -> None:
        super().update_user(user, resource, fields)


class OtherTypes(DefaultAdapter):
    def roles(self) -> Any:
        return "admin"

    def is_protected(self, user: Any) -> Any:
        return None


class OtherFields(DefaultAdapter):
    def user_fields(self, resource: Any) -> Any:
        return {**super().user_fields(resource), "is_staff": "perhaps"}


class FindsNobody(DefaultAdapter):
    def find_users(self, fields: Any, *, resource: Any = None) -> Any:
        return super().find_users(fields, resource=resource).none()


class WritesToOthers(DefaultAdapter):
    def update_user(self, user: Any, resource: Any, fields: Any, *, active: Any = None) -> None:
        super().update_user(user, resource, fields, active=active)
        others = get_user_model()._default_manager.exclude(pk=user.pk)
        others.update(last_name="Overwritten")


class Loud(DefaultAdapter):
    """Nothing is wrong with it: it tells others, at once and after the commit."""

    def create_user(self, resource: Any, fields: Any) -> Any:
        send_mail("Welcome", "Welcome", "scim@x.example", ["ann@x.example"])
        transaction.on_commit(lambda: HEARD.append("committed"))
        return super().create_user(resource, fields)


class ForgetfulUsers(UserStore):
    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        resource.get(BADGE_URN, {}).pop("doors", None)
        return super().create(resource, **more)


class Good(ModelStore):
    model = Scanner
    fields: ClassVar = {"serialNumber": "serial_number", "floor": "floor"}
    columns: ClassVar = {"serialNumber": "serial_number"}


class ForgetsFloors(Good):
    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        kept = {name: value for name, value in resource.items() if name != "floor"}
        return super().create(kept, **more)


class FloorsAsTexts(Good):
    fields: ClassVar = {"serialNumber": "serial_number"}

    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        told = {"floor": str(resource["floor"])} if "floor" in resource else {}
        return super().create({**resource, **told}, **more)


class NoIndex:
    def claim(self, *_: Any) -> None:
        """Let everybody have what is unique."""

    def release(self, *_: Any) -> None:
        """Release nothing."""


class Repeats(Good):
    @property
    def unique_index(self) -> Any:
        return NoIndex()


class OfEverybody(Good):
    @property
    def rows(self) -> Any:
        return self.model._default_manager.using(self.using)


class RaisesInValues(Good):
    def values(self, resource: Any) -> dict[str, Any]:
        return {**super().values(resource), "maker": resource["maker"]["name"]}


class NeedsMore(Good):
    def values(self, resource: Any) -> dict[str, Any]:
        return {**super().values(resource), "serial_number": resource.get("displayName")}


def of(store: type[ModelStore]) -> Registration:
    name = store.__name__
    schema = Schema(
        id=f"urn:example:params:scim:schemas:core:2.0:{name}",
        name=name,
        attributes=(
            Attribute(name="serialNumber", required=True, case_exact=True, uniqueness="server"),
            Attribute(name="floor", type="integer"),
            Attribute(name="displayName"),
        ),
    )
    resource_type = ResourceType(name=name, endpoint=f"/{name}", schema=schema)
    return Registration(resource_type=resource_type, store=store)


GOOD = of(Good)
FORGETS_FLOORS = of(ForgetsFloors)
FLOORS_AS_TEXTS = of(FloorsAsTexts)
REPEATS = of(Repeats)
OF_EVERYBODY = of(OfEverybody)
RAISES_IN_VALUES = of(RaisesInValues)
NEEDS_MORE = of(NeedsMore)

ROUTES = Registry(
    (
        *(GOOD, FORGETS_FLOORS, FLOORS_AS_TEXTS, REPEATS),
        *(OF_EVERYBODY, RAISES_IN_VALUES, NEEDS_MORE),
    )
)
