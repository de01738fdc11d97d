"""One patient's resources: unpacked, each once, by owner, and found by reference."""
