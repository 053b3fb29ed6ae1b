"""What a request costs beside the least that a view could do."""
