"""Who may manage connections, and how connections begin and end."""
