"""``/Bulk`` (RFC 7644 section 3.7): its view, and how its operations share transactions."""
