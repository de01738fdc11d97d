"""`python -m cds` is `ketamine-cds`."""

from cds.cli import main

main(prog_name="ketamine-cds")
