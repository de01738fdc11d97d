"""Codes to concepts: drug products to ingredients, and condition, observation and procedure sets."""
