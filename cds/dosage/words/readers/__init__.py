"""Readers of one kind of piece each: they look at the items from one place on."""
