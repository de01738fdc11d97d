"""The words of ICD-10-CM by part of the body: `icd10cm_body_words.json`.

Run by hand when a new edition is out: `python -m cds.terminology.build.body_words`, with the public
titles and inclusion terms of the package simple-icd-10-cm, which the service itself does not need.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import import_module

from cds.terminology.build.run import TABLES
from cds.terminology.codes.body_systems import NO_PART, own_parts, stems
from cds.terminology.codes.tables import BODY_WORDS


def body_words(titles: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Stem → the parts of whose codes it stands in a title, of (code, title)."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, title in titles:
        parts = own_parts(code) or {NO_PART}
        for stem in stems(title):
            found[stem] |= parts
    return {stem: ",".join(sorted(parts)) for stem, parts in sorted(found.items())}


def main() -> None:
    """Reads the package and writes the table."""
    icd = import_module("simple_icd_10_cm")
    titles: list[tuple[str, str]] = []
    for code in icd.get_all_codes(with_dots=False):
        if icd.is_chapter_or_block(code):
            continue
        titles.append((code, icd.get_description(code)))
        titles += [(code, term) for term in icd.get_inclusion_term(code)]
    path = TABLES / f"{BODY_WORDS}.json"
    path.write_text(json.dumps(body_words(titles), indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
