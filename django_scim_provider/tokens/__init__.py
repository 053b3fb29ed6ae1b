"""Tokens: wire form, stored form, rows, verification and scopes."""
