"""Filters and attribute paths (RFC 7644 section 3.4.2.2), from text to what is compared."""
