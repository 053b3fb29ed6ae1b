"""The self-check: it passes what is right, names what is wrong, and leaves nothing."""
