"""What operators see: activity, health, drift, events as files."""
