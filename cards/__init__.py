"""From an assessment to CDS Hooks cards: wording, suggestions, priorities, limits."""
