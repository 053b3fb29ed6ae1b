"""The users of a connection: accounts, and the users of the project behind them."""
