"""No migrations: with this, an app's tables are not made yet."""
