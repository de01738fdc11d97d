"""Benchmarks: always a ratio to a floor that is measured in the same run, never a bare time."""
