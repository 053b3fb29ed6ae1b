"""Failures: what is noted of people who cannot be provisioned, until they can."""
