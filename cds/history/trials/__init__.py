"""Courses as trials: was the dose enough, was it long enough, how did it end."""
