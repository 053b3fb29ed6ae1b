"""Where people and groups come from: tables of other packages, and CSV files."""
