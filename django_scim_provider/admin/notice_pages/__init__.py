"""The page of a connection about what people and webhooks are told."""
