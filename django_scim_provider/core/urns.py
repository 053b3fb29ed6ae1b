"""The URNs that name the messages of RFC 7644."""

from __future__ import annotations

_MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"

LIST_URN = _MESSAGES + "ListResponse"
SEARCH_URN = _MESSAGES + "SearchRequest"
PATCH_URN = _MESSAGES + "PatchOp"
BULK_REQUEST_URN = _MESSAGES + "BulkRequest"
BULK_RESPONSE_URN = _MESSAGES + "BulkResponse"
ERROR_URN = _MESSAGES + "Error"
