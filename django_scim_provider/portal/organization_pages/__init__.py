"""What the portal tells beside the connection itself: other systems, and what is kept of people."""
