"""What is kept of people, why, and how long: read from the settings in force."""
