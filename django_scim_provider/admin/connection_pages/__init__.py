"""The pages of one connection in the admin."""
