"""Optional ties to other packages; nothing is imported unless the project names it."""
