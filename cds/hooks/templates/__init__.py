"""The page of the knowledge."""
