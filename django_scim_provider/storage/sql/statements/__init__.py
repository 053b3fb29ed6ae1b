"""Statements of the app itself: compiled once for each database, or left to the ORM."""
