"""The pages that say what is kept of people, why and how long."""
