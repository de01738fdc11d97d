"""The typed models of the facts: one file a subject, each the shape of one file in `data`."""
