"""What is kept: feedback, which cards were shown, and used tokens. Nothing of a chart."""
