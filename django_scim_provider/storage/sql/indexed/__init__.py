"""What the indexes of other tables than the resource's own answer of a filter."""
