"""The yardstick: the same work on several projects in alternation, and its CPU time."""
