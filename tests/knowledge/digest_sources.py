"""What the research digests call a source, and what it is called here.

One entry stands for a document and an edition, while the digests and the updates each have their
own: some of ours are known to them by two or three names.
"""

from __future__ import annotations

import re

_OTHER = {
    "spravato_us": "FDA-SPRAVATO",
    "uspi": "FDA-KETALAR",
    "KETALAR-2410": "FDA-KETALAR",
    "uspi_old": "FDA-KETALAR-EARLIER",
    "ph_label": "KET-SPC",
    "fda2022": "FDA-2022-NASAL",
    "fda2023": "FDA-2023-COMPOUND",
    "andrade2019": "ANDRADE-2019-ORAL",
    "pelt_ticlo": "PELTONIEMI-2011",
    "pelt_rif": "PELTONIEMI-2012-RIF",
    "pelt_sjw": "PELTONIEMI-2012-SJW",
    "pelt_gfj": "PELTONIEMI-2012-GFJ",
    "noppers2011dili": "NOPPERS-2011-DILI",
    "NOPPERS": "NOPPERS-2011-DILI",
    "barloese_cluster": "HOLM-CLUSTER",
    "kiefer": "KIEFER-2002",
    "ketaser": "KETASER-2016",
    "padss": "PADSS-1995",
    "seed0": "SEED-A",
    "seed1": "SEED-B",
    "seed2": "SEED-C",
    "seed3": "SEED-D",
    "seed4": "SEED-E",
    "ATHF-SF2-ABS": "ATHF-SF2-2024",
    "CDC2022-TAB": "CDC-2022",
    "CDC2017-FILE": "CDC-2017-FILE",
    "FDA-TOL": "FDA-TOLERANT",
    "PADOH": "PADOH-2020",
    "ASA-KET": "ASA-2025",
}
_YEAR = r"(?:19|20)\d\d"


def our_source(theirs: str) -> str:
    """`noppers2011fm` → `NOPPERS-2011-FM`; one that is written as ours stays."""
    if theirs in _OTHER or theirs.isupper():
        return _OTHER.get(theirs, theirs)
    parted = re.sub(rf"(?<=[a-z])({_YEAR})", r"-\1", theirs)
    return re.sub(rf"({_YEAR})(?=[a-z])", r"\1-", parted).replace("_", "-").upper()
