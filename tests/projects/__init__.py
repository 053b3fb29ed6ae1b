"""Host projects that the suite is run in."""
