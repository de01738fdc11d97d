"""The words of ICD-10-CM by part of the body: `icd10cm_body_words.json`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cds.terminology.codes.body_systems import NO_PART, own_parts, stems


def body_words(titles: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Stem → the parts of whose codes it stands in a title, of (code, title)."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, title in titles:
        parts = own_parts(code) or {NO_PART}
        for stem in stems(title):
            found[stem] |= parts
    return {stem: ",".join(sorted(parts)) for stem, parts in found.items()}
