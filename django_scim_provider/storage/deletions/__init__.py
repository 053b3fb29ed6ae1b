"""What goes with a row that is deleted: rows of the app, and of the project."""
