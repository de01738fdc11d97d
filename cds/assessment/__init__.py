"""From history and knowledge to findings: pure functions, no HTTP, no FHIR JSON, no wording."""
