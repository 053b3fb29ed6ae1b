"""An app of a project with a resource type of its own."""
