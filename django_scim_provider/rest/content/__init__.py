"""What HTTP messages carry: bodies read, media types chosen, answers written."""
