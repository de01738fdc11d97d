"""Getting a patient's data: from prefetch, from the EHR's FHIR server, or from a file."""
