"""Log-in of people whom connections provisioned."""
