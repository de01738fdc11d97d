"""Trust in the caller: signed tokens of listed clients, each used once."""
