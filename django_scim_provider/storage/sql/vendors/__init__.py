"""All that knows a database vendor."""
