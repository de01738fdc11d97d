"""A FHIR Dosage, whoever asks: what its fields say, what its words say, and what is not clear."""
