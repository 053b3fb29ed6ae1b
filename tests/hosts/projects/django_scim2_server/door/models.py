"""No models: the package has its own."""
