"""Hooks at the ORM's compilers, at cursors and at transactions."""
