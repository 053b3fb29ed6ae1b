"""What clients send, held to the schemas and to the limits."""
