"""Parts that statements of several vendors are made of."""
