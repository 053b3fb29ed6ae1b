"""What ``ATTRIBUTE_MAP`` writes beside the user model, and what it shows."""
