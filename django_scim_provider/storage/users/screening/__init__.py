"""Whether anything at all may stand in the way of names that somebody is about to get."""
