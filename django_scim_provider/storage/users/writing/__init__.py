"""How one account is locked and changed, with the host's user behind it."""
