"""The soak: a real service under honest traffic while everything around it fails by script."""
