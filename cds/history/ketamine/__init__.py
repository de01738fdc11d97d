"""Earlier ketamine treatment."""
