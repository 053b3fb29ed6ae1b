"""The one way to the resources of a connection: every request ends in one store call.

The engine knows the protocol and no storage; the store knows storage and no protocol. An answer
that shows whole resources is spliced from their stored text and never decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django_scim_provider.core.errors import InvalidPath, NotFound, Uniqueness
from django_scim_provider.core.filters.unquoted import with_quotes
from django_scim_provider.core.listing.cursors import CursorKey
from django_scim_provider.core.listing.plan import Body, Found, Limits, Plan, list_response, plan
from django_scim_provider.core.messages import SearchRequest, parse_patch_request
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.patching.members import split_patch
from django_scim_provider.core.preconditions import check_preconditions, etag, is_not_modified
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.projection import Projection, names_in, parse, with_written
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.showing import View
from django_scim_provider.core.stored_text import checked, segment
from django_scim_provider.core.stores import Part, Query, ResourceStore, Stored, changes_members
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.limits import DEFAULT_LIMITS, WriteLimits, check_size
from django_scim_provider.core.validation.replacing import keep, refuse_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOptions:
    """What a request says beside its body: projection parameters and preconditions, as sent."""

    attributes: list[str] | None = None
    excluded_attributes: list[str] | None = None
    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response in protocol terms; ``body`` is None where no resource is shown, as for 204."""

    status: int
    body: Body | None = None
    etag: str | None = None
    location: str | None = None
    """The address of the resource that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEngine:
    """Answers the requests for one resource type of one connection."""

    store: ResourceStore
    profile: Profile
    base_url: str
    """Address of the SCIM root, without a trailing slash."""
    limits: Limits
    cursor_key: CursorKey
    now: int
    """When the request came, in seconds since the epoch; cursors are made and expire by it."""
    write_limits: WriteLimits = DEFAULT_LIMITS
    trusts_texts: bool = False
    """Are the store's texts known to keep the contract of ``Stored.text``? Else each is checked
    before it is shown."""
    note_left_out: Callable[[str, Sequence[str]], None] | None = None
    """Is told the id of a resource that was written, and what of the request no schema knows."""

    def get(self, id: str, options: RequestOptions) -> Answer:
        """Answer GET of one resource (RFC 7644 section 3.4.1).

        Raises:
            NotFound: there is none with that id.
        """
        projection = self._projection(options)
        stored = self.store.get(id, skip_members=self._skips(projection))
        if stored is None:
            raise self._not_found(id)
        # After the look-up: a resource that is gone is 404, whatever version the client remembers.
        if is_not_modified(options.if_none_match, stored.version):
            return Answer(304, None, etag(stored.version), self.location(stored.id))
        return self._answer(200, stored, projection)

    def list(self, request: SearchRequest) -> Answer:
        """Answer a query by GET or POST .search (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865).

        Raises:
            InvalidFilter, InvalidPath, InvalidValue, InvalidCursor, ExpiredCursor, InvalidCount,
            TooMany.
        """
        return Answer(200, list_response(*self.find(request)))

    def find(
        self, request: SearchRequest, place: Callable[[Query], Query] = lambda query: query
    ) -> tuple[Plan, Found]:
        """Return the page of a query, put elsewhere by ``place``; raises as ``list``."""
        # Section 3.4.2.3 lets a server ignore sortBy, but then a client that pages would take an
        # accidental order for the one it asked for.
        if request.sort_by and not self.store.supports_sort:
            name = self.store.resource_type.name
            raise InvalidPath(f"sortBy is not supported for {name}: leave it out.")
        if self.profile.unquoted_filter_values and request.filter is not None:
            request = replace(request, filter=with_quotes(request.filter))
        projection = self._projection(request)
        planned = plan(
            request,
            self.store.resource_type,
            limits=self.limits,
            profile=self.profile,
            cursor_key=self.cursor_key,
            now=self.now,
            skip_members=self._skips(projection),
        )
        page = self.store.query(place(planned.query))
        # The app's own stores wrote the texts themselves; decoding a page only to look at it would
        # cost more than the page.
        if not self.trusts_texts:
            page = replace(page, texts=[checked(text) for text in page.texts])
        return planned, Found(page, self._view(projection))

    def create(self, body: Any, options: RequestOptions) -> Answer:
        """Answer POST (RFC 7644 section 3.3): 201, or 200 where an inactive account came back.

        Raises:
            InvalidSyntax, InvalidValue: the body is not a valid resource.
            PayloadTooLarge: the resource is larger than what is stored.
            Uniqueness: a unique value is in use.
        """
        projection, left_out = self._projection(options), LeftOut(self.profile)
        # Before the store is asked, so that nothing is locked while a body is read.
        kind = self.store.resource_type
        resource = clean(body, kind, self.profile, context="create", left_out=left_out)
        self.check_size(resource)
        projection = with_written(projection, names_in(resource, kind))
        try:
            stored, made = self.store.create(resource)
        except Uniqueness as error:
            # The store knows ids and no addresses; only here is the URL of the request known.
            if error.holder is not None:
                error.location = self.location(error.holder)
            raise
        self.tell(stored, left_out)
        return self._answer(201 if made else 200, stored, projection)

    def replace(
        self, id: str, body: Any, options: RequestOptions, *, silent: bool = False
    ) -> Answer:
        """Answer PUT (RFC 7644 section 3.5.1): 200.

        ``silent`` shows no resource, for bulk requests.

        Raises:
            NotFound, PreconditionFailed, InvalidSyntax, InvalidValue, Mutability, Uniqueness,
            PayloadTooLarge.
        """
        projection, left_out = self._projection(options), LeftOut(self.profile)
        named: dict[str | None, set[str]] = {}

        def change(current: Stored) -> Resource:
            # Under the lock: of two clients with the same If-Match, only one may win (section
            # 3.14).
            check_preconditions(options.if_match, options.if_none_match, current.version)
            kind = self.store.resource_type
            resource = clean(body, kind, self.profile, context="replace", left_out=left_out)
            named.update(names_in(resource, kind))
            keep(current.resource(), resource, kind, self.store.relation)
            self.check_size(resource, current.resource)
            return resource

        if changes_members(self.store):
            shown = not silent and not self._skips(projection)
            stored = self.store.update_members(id, change, None, show_members=shown)
        else:
            stored = self.store.update(id, change)
        self.tell(stored, left_out)
        return self._updated(id, stored, with_written(projection, named), 200, silent=silent)

    def patch(self, id: str, body: Any, options: RequestOptions, *, silent: bool = False) -> Answer:
        """Answer PATCH (RFC 7644 section 3.5.2): 200 with the resource, or 204.

        ``silent`` shows no resource, for bulk requests.

        Raises:
            NotFound, PreconditionFailed, InvalidSyntax, InvalidPath, InvalidValue, NoTarget,
            Mutability, Uniqueness, TooMany, PayloadTooLarge.
        """
        projection, left_out = self._projection(options), LeftOut(self.profile)
        named: dict[str | None, set[str]] = {}
        asked = options.attributes or options.excluded_attributes
        kind, limits = self.store.resource_type, self.write_limits
        operations = parse_patch_request(body, self.profile, limits)
        # A group of 100,000 members must not be loaded to add one. Where the operations can be told
        # apart without them, the store gets the members as a set of changes.
        parts = None
        if changes_members(self.store):
            parts = split_patch(operations, kind, self.profile, left_out)
        operations, members = parts or (operations, None)

        def change(current: Stored) -> Resource:
            check_preconditions(options.if_match, options.if_none_match, current.version)
            resource = current.resource()
            named.clear()
            apply_patch(resource, operations, kind, self.profile, limits, left_out, named)
            refuse_changed(current.resource, resource, kind)
            self.check_size(resource, current.resource)
            # Both follow from the row. Left in, each would look like a change.
            for name in ("id", "meta"):
                resource.pop(name, None)
            return resource

        # Section 3.5.2: 200 with the resource, or 204; but with ``attributes`` in the request it
        # has to be 200.
        status = 200 if self.store.patch_returns_resource or asked else 204
        silent = silent or status == 204
        if changes_members(self.store) and members is not None:
            shown = not silent and not self._skips(projection)
            stored = self.store.update_members(id, change, members, show_members=shown)
        else:
            stored = self.store.update(id, change)
        self.tell(stored, left_out)
        return self._updated(id, stored, with_written(projection, named), status, silent=silent)

    def delete(self, id: str, options: RequestOptions) -> Answer:
        """Answer DELETE (RFC 7644 section 3.6): 204.

        Raises:
            NotFound, PreconditionFailed.
        """

        def check(current: Stored) -> None:
            check_preconditions(options.if_match, options.if_none_match, current.version)

        if not self.store.delete(id, check):
            raise self._not_found(id)
        return Answer(204)

    def _updated(
        self,
        id: str,
        stored: Stored | None,
        projection: Projection | None,
        status: int,
        *,
        silent: bool,
    ) -> Answer:
        if stored is None:
            raise self._not_found(id)
        if silent:
            return Answer(status, None, etag(stored.version), self.location(stored.id))
        return self._answer(status, stored, projection)

    def tell(self, stored: Stored | None, left_out: LeftOut) -> None:
        """Tell what of a request no schema knows."""
        # Once it is written: what was refused says by its error what it holds.
        if stored is not None and left_out.names and self.note_left_out is not None:
            self.note_left_out(stored.id, tuple(left_out.names))

    def _answer(self, status: int, stored: Stored, projection: Projection | None) -> Answer:
        view, location = self._view(projection), self.location(stored.id)
        text = stored.text if self.trusts_texts else checked(stored.text, stored.id)
        body: Body
        if stored.values:
            body = view.pieces(Part(text, stored.values))
        else:
            body = view.texts([text])[0].encode()
        return Answer(status, body, etag(stored.version), location)

    def _view(self, projection: Projection | None) -> View:
        return View(
            resource_type=self.store.resource_type,
            projection=projection,
            location=self.location(""),
            relation=self.store.relation,
        )

    def _projection(self, asked: RequestOptions | SearchRequest) -> Projection | None:
        """Return what an answer shows; None, nearly always, is the stored text as it is."""
        resource_type = self.store.resource_type
        return parse(asked.attributes, asked.excluded_attributes, resource_type, self.profile)

    def _skips(self, projection: Projection | None) -> bool:
        relation = self.store.relation
        # Entra ID reads groups with excludedAttributes=members for this reason: the member table is
        # never touched.
        return projection is not None and relation is not None and not projection.wants(relation)

    def location(self, id: str) -> str:
        """Return the address of a resource."""
        return f"{self.base_url}{self.store.resource_type.endpoint}/{segment(id)}"

    def check_size(self, resource: Resource, before: Callable[[], Resource] = dict) -> None:
        """Refuse a resource that is larger than what is stored."""
        check_size(resource, self.write_limits, self.store.relation, before)

    def _not_found(self, id: str) -> NotFound:
        return NotFound(f"{self.store.resource_type.name} {id[:64]!r} does not exist.")
