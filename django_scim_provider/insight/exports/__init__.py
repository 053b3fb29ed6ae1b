"""What leaves the project as files: whole tables, in chunks."""
