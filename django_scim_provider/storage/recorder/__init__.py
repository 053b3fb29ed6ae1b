"""The recorder: exchanges of a connection in trouble, without secrets, encrypted, for hours."""
