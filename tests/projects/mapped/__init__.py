"""A project whose own fields are mapped by settings, on its users and beside them."""
