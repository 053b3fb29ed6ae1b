"""This app in a project that has nothing else."""
