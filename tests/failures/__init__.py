"""Failures: who cannot be provisioned, why, and what to do about it."""
