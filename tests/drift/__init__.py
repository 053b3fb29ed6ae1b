"""Tests of drift: what differs from what identity providers said, and its repair."""
