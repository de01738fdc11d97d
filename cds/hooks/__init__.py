"""The CDS Hooks protocol: discovery, requests, feedback, trust in the client, errors."""
