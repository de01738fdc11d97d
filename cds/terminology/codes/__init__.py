"""Code systems and their tables: what a code means."""
