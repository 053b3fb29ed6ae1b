"""The floor: hand-written SQL that keeps and returns a whole profile, and checks nothing."""
