"""What is shown before something is changed, and that the change does just that."""
