"""Lists (RFC 7644 section 3.4.2) and their cursors (RFC 9865)."""
