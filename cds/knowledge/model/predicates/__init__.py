"""The one language of rules: what they ask, as records. `cds.assessment.rules` answers them."""
