"""`python -m cds.terminology.build --csv DIR [--out DIR]`, as `ketamine-cds terminology build`."""

from cds.commands.terminology import build

if __name__ == "__main__":
    build()
