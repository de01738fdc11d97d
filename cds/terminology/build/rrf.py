"""Reading an RxNorm release (RRF files), as far as the drug table needs it. Only SAB=RXNORM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cds.terminology.build.drugs import LEVELS

_PRESCRIBABLE = 4096
"""bit of CVF: the concept is in the Current Prescribable Content"""
_NAMES = frozenset({*LEVELS, "DF"})


class ReleaseError(Exception):
    """The folder holds no usable RxNorm release."""


@dataclass(slots=True)
class Release:
    """A release: concepts by rxcui, and what relates them."""

    tty: dict[str, str] = field(default_factory=dict)
    name: dict[str, str] = field(default_factory=dict)
    prescribable: set[str] = field(default_factory=set)
    links: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """(rxcui, relation) → rxcuis: the first has this relation to the others"""
    ndcs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """rxcui → 11-digit NDCs"""
    merged: dict[str, str] = field(default_factory=dict)

    def linked(self, rxcui: str, relation: str, *ttys: str) -> list[str]:
        """Concepts of those term types that it has this relation to, in order of their codes."""
        found = self.links.get((rxcui, relation), set())
        return sorted((c for c in found if self.tty.get(c) in ttys), key=int)


def read_release(folder: Path) -> Release:
    """The release in that folder. Raises ReleaseError when a file is missing or misshapen."""
    release = Release()
    for row in _rows(folder / "RXNCONSO.RRF", 18):
        code, sab, tty, name, suppress, cvf = (row[i] for i in (0, 11, 12, 14, 16, 17))
        if sab != "RXNORM" or tty not in _NAMES or suppress == "E":
            continue
        release.tty[code], release.name[code] = tty, name
        if cvf.isdigit() and int(cvf) & _PRESCRIBABLE:
            release.prescribable.add(code)
    for row in _rows(folder / "RXNREL.RRF", 16):
        # A row reads backwards: the second concept has the relation to the first.
        first, second, relation, sab = row[0], row[4], row[7], row[10]
        if sab == "RXNORM" and first and second and relation:
            release.links[second, relation].add(first)
    for row in _rows(folder / "RXNSAT.RRF", 13):
        code, name, sab, value = row[0], row[8], row[9], row[10]
        if sab == "RXNORM" and name == "NDC" and len(value) == 11 and value.isdigit():
            release.ndcs[code].add(value)
    archive = folder / "RXNATOMARCHIVE.RRF"
    if archive.exists():
        for row in _rows(archive, 16):
            retired, replacement = row[12], row[15]
            if retired and replacement and retired != replacement:
                release.merged[retired] = replacement
    if not release.tty:
        raise ReleaseError(f"{folder}: RXNCONSO.RRF holds no RXNORM rows")
    return release


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, 1):
                row = line.rstrip("\r\n").split("|")
                if len(row) < columns:
                    raise ReleaseError(
                        f"{path.name}, line {number}: {len(row)} fields instead of {columns}"
                    )
                yield row
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}: {error}") from None
