"""The EHR's FHIR server: where it may be, how it is asked, and what it may not do to us."""
