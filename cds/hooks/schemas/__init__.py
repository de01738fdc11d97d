"""JSON Schemas of the messages, as files that other tools can read too."""
