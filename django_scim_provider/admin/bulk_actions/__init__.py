"""What is done to many connections at once, from their list."""
