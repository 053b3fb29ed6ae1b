"""The projects that are measured: the floors, this app in a plain project, and other packages."""

TOKEN = "benchmarks"  # noqa: S105 - guards nothing
"""What the others than ours take as a bearer token."""
