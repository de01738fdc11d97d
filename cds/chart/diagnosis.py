"""What a diagnosis says by its code and its words, whoever has it and since when."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.naming import name_of
from cds.chart.verification import NOT_SO, verification
from cds.fhir_json import nameless
from cds.terminology.codes.concept import codings, read_concept
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.codes.named_codes import best_known
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch, Said, SetMatch
from cds.terminology.text.certainty import speaks_of_a_standing_allergy
from cds.wire import Json


class Beside(Struct, frozen=True):
    """What the words name beside the code."""

    match: SetMatch
    display: str | None
    """the name that does; None: the entry's own"""


class Harm(Struct, frozen=True):
    """Ketamine, that did harm or is to be avoided."""

    drug: DrugMatch
    display: str
    standing: bool
    """the words speak of an allergy that stands, and not of a reaction that was"""


class Diagnosis(Struct, frozen=True):
    """A CodeableConcept as that of a Condition."""

    nameless: bool
    mark: Said | None
    match: SetMatch
    display: str
    codes: tuple[tuple[str, str], ...]
    """(canonical system, code) of every coding"""
    titled: tuple[tuple[str, str], ...]
    """where no code tells it: the codes of which its words are the official title"""
    coded: str
    """its best known code"""
    year: int | None
    """that its words give it"""
    beside: Beside | None
    harm: Harm | None
    understood: bool


UNTOLD = Diagnosis(
    nameless=False, mark=None, match=SetMatch(frozenset()), display="", codes=(), titled=(),
    coded="", year=None, beside=None, harm=None, understood=False,
)  # fmt: skip


def diagnosis_of(condition: Json, terminology: Terminology) -> Diagnosis:
    """Of a refuted one only what it is; of one that was entered in error nothing: long texts take
    time that others need."""
    concept, stated = condition.get("code"), verification(condition.get("verificationStatus"))
    if stated not in NOT_SO:
        return diagnosis(concept, terminology)
    match = terminology.condition(concept) if stated == "refuted" else UNTOLD.match
    return replace(UNTOLD, match=match)


def diagnosis(concept: object, terminology: Terminology) -> Diagnosis:
    """All that is told by the concept alone: it is read once, and charts repeat it."""
    return terminology.once(_read, concept)


def _read(terminology: Terminology, concept: object) -> Diagnosis:
    match = terminology.condition(concept)
    codes = tuple(codings(concept))
    return Diagnosis(
        nameless=nameless(concept),
        mark=marked(concept),
        match=match,
        display=name_of(concept, lambda one: terminology.condition(one).sets & match.sets),
        codes=codes,
        titled=() if match.code is not None else terminology.titled(concept),
        coded=best_known(codes),
        year=terminology.year_of(concept),
        beside=_beside(terminology, concept),
        harm=_harm(terminology, concept),
        understood=terminology.understands_condition(concept),
    )


def _beside(terminology: Terminology, concept: object) -> Beside | None:
    match = terminology.condition_beside(concept)
    if not match:
        return None
    names = read_concept(concept).names
    return Beside(match, next((n for n in names if terminology.named(n) & match.sets), None))


def _harm(terminology: Terminology, concept: object) -> Harm | None:
    drug = terminology.harmful(concept)
    if drug is None:
        return None
    return Harm(
        drug,
        name_of(concept, terminology.harmful),
        any(map(speaks_of_a_standing_allergy, read_concept(concept).names)),
    )
