"""What the app does with connections and tokens, for the admin, the commands and host code."""
