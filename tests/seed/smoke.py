"""A fresh project on the database that ``DATABASE_URL`` names: migrate, provision, find, delete."""

from __future__ import annotations

import django


def main() -> None:
    """Raise where something is not as it should be."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0, interactive=False)
    from tests.factories import make_token
    from tests.people import post
    from tests.scim_client import SCIMTestClient

    client = SCIMTestClient(make_token(provider_id="smoke"))
    created = post(client, "smoke@x.example", externalId="e1")
    path = f"/Users/{created.json['id']}"
    title = {"op": "replace", "path": "title", "value": "T"}
    statuses = [
        created.status,
        client.get(path).status,
        client.patch(path, title).status,
        client.find('userName eq "SMOKE@x.example"').json["totalResults"],
        client.find('externalId eq "e1"').json["totalResults"],
        post(client, "smoke@x.example").status,
        client.request("DELETE", path).status,
        client.get(path).status,
    ]
    assert statuses == [201, 200, 200, 1, 1, 409, 204, 404], statuses
    print("smoke test passed")


if __name__ == "__main__":
    main()
