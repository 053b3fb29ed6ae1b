"""Recording what a connection asks, and trying it out without leaving anything."""
