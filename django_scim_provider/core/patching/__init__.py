"""PATCH (RFC 7644 section 3.5.2): operations applied to resources and to the members of groups."""
