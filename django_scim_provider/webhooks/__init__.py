"""Webhooks: sending what waits in the outbox to addresses outside of the project."""
