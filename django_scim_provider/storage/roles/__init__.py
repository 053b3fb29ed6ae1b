"""Roles from groups: what members have in the project."""
