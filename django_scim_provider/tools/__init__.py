"""The doctor and the simulator: they speak HTTP to a deployment and know nothing of the app."""
