"""Versioned changes of the store."""
