"""What the knowledge calls its entries is what a clinician calls them."""

from __future__ import annotations

import re

from cds.knowledge.load import Knowledge
from cds.terminology.lookup import load_terminology

INTERNAL = re.compile(
    r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b"  # opioid_tolerance_periop
    r"|\b(?:psy|pain|local):\w+"  # psy:C18
    r"|\b[A-Z]{3,}[A-Z-]*-(?:19|20)\d\d\b"  # ANAND-2023
    r"|\b[a-z]+(?:19|20)\d\d\b"  # cohen2018
    r"|\b(?:DESIGN|LOCAL|RECALL)\b"
)


def test_indications_and_regimens_have_names(knowledge: Knowledge) -> None:
    names = [indication.short for indication in knowledge.indications.values()]
    names += [regimen.name for regimen in knowledge.regimens.values()]
    names += [item.name for item in knowledge.monitoring.values()]
    assert not [name for name in names if INTERNAL.search(name)]


def test_a_bare_code_is_shown_with_its_meaning_in_words() -> None:
    from cds.assessment.result_names import kind_name

    kinds = load_terminology().set_names("observation")
    assert not [kind for kind in kinds if INTERNAL.search(kind_name(kind))]


def test_a_source_is_named_as_it_is_cited(knowledge: Knowledge) -> None:
    for source in knowledge.sources.values():
        assert not INTERNAL.search(source.short), source.short
        assert len(source.short) <= 80
