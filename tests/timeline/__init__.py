"""Timelines: what is recorded of a person and a group, and how it is shown."""
