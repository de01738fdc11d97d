"""Codes to concepts: drug products to ingredients; conditions, observations, procedures to sets."""
