"""Review as work: who signed which content of a fact, what is unsigned, and what is due."""
