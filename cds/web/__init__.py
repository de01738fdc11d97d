"""The demo: an EHR's screen and an embedded FHIR endpoint over the fixture patients."""
