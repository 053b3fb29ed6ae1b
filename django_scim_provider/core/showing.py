"""How an answer shows stored resources: whole, or piece by piece where they are large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from django_scim_provider.core.projection import Projection, project
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import id_of, located, segment, unclosed
from django_scim_provider.core.stores import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Shows resources of one type as a request asked for them."""

    resource_type: ResourceType
    projection: Projection | None
    """None shows the stored text as it is."""
    location: str
    """Address of the collection, with a slash at its end."""
    relation: str | None
    """The attribute that ``Part.values`` holds values of."""

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return resources as JSON, from texts as in ``Stored.text``."""
        root = self.location
        if self.projection is None:
            # By splicing, not decoding: this is the way of nearly every answer, and of whole pages.
            return [located(text, root + segment(id_of(text))) for text in texts]
        return [self._decoded(text, self.projection) for text in texts]

    def _decoded(self, text: str, projection: Projection) -> str:
        resource: Resource = orjson.loads(text)
        resource["meta"]["location"] = self.location + segment(resource["id"])
        return orjson.dumps(project(resource, projection, self.resource_type)).decode()

    def pieces(self, part: Part) -> Iterator[bytes]:
        """Yield the JSON of a resource; its relation, where it has values, stands at the end."""
        (text,) = self.texts([part.text])
        yield unclosed(text).encode()
        between = f',"{self.relation}":['.encode()
        # A relation without values is unassigned, so it is left out (RFC 7643 section 2.5). Whether
        # there are any is known only when the first batch has come.
        end = b"}"
        for batch in part.values:
            shown = self._values(batch)
            if shown:
                # Without the brackets: the batches are one list.
                yield between + orjson.dumps(shown)[1:-1]
                between, end = b",", b"]}"
        yield end

    def _values(self, batch: Sequence[Resource]) -> Sequence[Resource]:
        """Return what the projection shows of values of the relation."""
        if self.projection is None:
            return batch
        # ``project`` takes a whole resource; the rest of it was shown before.
        holder: Resource = {"schemas": [], "id": "", str(self.relation): batch}
        shown: Sequence[Resource] = project(holder, self.projection, self.resource_type).get(
            str(self.relation), ()
        )
        return shown
