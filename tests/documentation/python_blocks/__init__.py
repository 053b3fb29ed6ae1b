"""The Python blocks of the documentation, run page by page in a project that has what they name."""
