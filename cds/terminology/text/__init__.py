"""Names and findings in words: which drug, condition, test or procedure, and how sure."""
