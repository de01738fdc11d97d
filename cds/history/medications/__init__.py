"""What was taken, how much and when: from single resources to courses."""
