"""Cards speak to clinicians: no id of ours stands in their text, and sources are citations."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cards.parts import citations
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import load_terminology

ANSWERS = Path(__file__).parents[1] / "golden" / "answers.jsonl.xz"
SHOWN = ("summary", "detail", "label", "description")
INTERNAL = re.compile(
    r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b"  # opioid_tolerance_periop
    r"|\b(?:psy|pain):\w+"  # psy:C18
    r"|\b[A-Z]{3,}[A-Z-]*-(?:19|20)\d\d\b"  # ANAND-2023
    r"|\b[a-z]+(?:19|20)\d\d\b"  # cohen2018
    r"|\b(?:DESIGN|LOCAL|RECALL)\b"
)

_WORD = re.compile(r"[\s,;.()]+")


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SHOWN and isinstance(value, str):
                yield value.replace("\\", "")
            else:
                yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def stored() -> Iterator[tuple[str, Any]]:
    for line in lzma.decompress(ANSWERS.read_bytes()).splitlines():
        name, answer = json.loads(line)
        if isinstance(answer, dict):
            yield name, answer.get("cards")


def test_no_card_of_the_stored_answers_has_an_internal_name(knowledge: Knowledge) -> None:
    keys = frozenset(re.findall(r"\S*[_:\d-]\S*", " ".join(knowledge.sources)))
    facts = frozenset(fact.id for _, fact in knowledge.facts() if fact.id.count("-") > 1)
    found = {
        (word, name)
        for name, cards in stored()
        for text in texts(cards)
        for word in {*INTERNAL.findall(text), *((keys | facts) & {*_WORD.split(text)})}
    }
    assert not found


def test_every_source_is_shown_as_a_citation_or_not_at_all(knowledge: Knowledge) -> None:
    for ident, source in knowledge.sources.items():
        shown = citations([ident], knowledge)
        assert not INTERNAL.search(shown), shown
        assert (ident.islower() and ident.isalpha()) or ident not in shown.split(), shown
        assert len(source.short) <= 80
    assert citations(["DESIGN", "design"], knowledge) == ""
    assert citations(["DESIGN", "NICE-TA854"], knowledge) == "Sources: NICE TA854."
    assert citations(["FDA-SPRAVATO", "spravato_us"], knowledge) == "Sources: Spravato US label."


def test_indications_and_regimens_have_names(knowledge: Knowledge) -> None:
    names = [indication.short for indication in knowledge.indications.values()]
    names += [regimen.name for regimen in knowledge.regimens.values()]
    names += [item.name for item in knowledge.monitoring.values()]
    assert not [name for name in names if INTERNAL.search(name)]


def test_a_bare_code_is_shown_with_its_meaning_in_words() -> None:
    from cds.assessment.result_names import kind_name

    kinds = load_terminology().set_names("observation")
    assert not [kind for kind in kinds if INTERNAL.search(kind_name(kind))]
