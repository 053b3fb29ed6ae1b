"""Checks of settings that name attributes of SCIM."""
