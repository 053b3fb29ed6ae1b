"""Tests of the pages of a connection in the admin."""
