"""CDS Hooks service for ketamine treatment."""

__version__ = "0.1.0"
