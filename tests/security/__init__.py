"""Threats, and the tests that hold the app to what it promises against each."""
