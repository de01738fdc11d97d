"""The subcommands of `ketamine-cds`."""
