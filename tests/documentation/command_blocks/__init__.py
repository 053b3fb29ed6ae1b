"""What pages tell readers to type, and the files and messages beside it: run, or marked why not."""
