"""The candidacy card: its lines, by the verdict. `headlines.yaml` has the line that heads it."""

from __future__ import annotations

from typing import Any

import pytest
from broken import DAY, engine
from made import HISTORY, assessment, case, judged, order

import fhir_fixtures
from cards.candidacy import candidacy_card, candidacy_text
from cards.lines import Worth, markdown
from cards.model import Card
from cards.triggers import trigger_cards, view_cards
from cds.api import Answer, SiteProtocol, assess, read_chart
from cds.assessment.model import Candidacy, Criterion, State
from cds.fhir.queries import QUERIES
from cds.wire import Json, decode, encode
from tests.replaced import replace

SEEN = replace(HISTORY, answered=frozenset(QUERIES))
ELEKT = (
    "55 % response with six infusions, 41 % with ECT (ELEKT-D). Against: no significant gain over"
    " midazolam in inpatients (KARMA-Dep 2), 26 % response in routine care, effect fades."
)
AGAINST = "Against: " + ELEKT.partition("Against: ")[2]
NOT_APPROVED = "- US: racemic ketamine has no psychiatric approval."


def fixture(name: str, *, order: bool = True, hook: Any = "order-select", **site: Any) -> Answer:
    chart = read_chart(engine(), decode(encode(fhir_fixtures.load(name, DAY))))
    drafts = [decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())] if order else []
    mine = replace(engine(), site=SiteProtocol(**site))
    return assess(mine, chart, DAY, drafts, hook)


def of(answer: Answer, kind: str = "candidacy") -> Card:
    return next(card for card in answer.cards if card.kind == kind)


# --- of patients ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "site", "lines"),
    [
        ("ash", {},
         ["- Met: F33.2, onset 2025-04-07; bupropion 300 mg/d 29 weeks; sertraline 200 mg/d 13"
          " weeks; venlafaxine 150 mg/d 11 weeks.",
          f"- Evidence: randomised trials (A), {ELEKT}", NOT_APPROVED]),
        ("ash", {"max_words": 2000},
         ["- Met: F33.2, onset 2025-04-07; bupropion 300 mg/d 29 weeks; sertraline 200 mg/d 13"
          " weeks; venlafaxine 150 mg/d 11 weeks.",
          f"- Evidence: randomised trials (A), {ELEKT}", NOT_APPROVED,
          "- PHQ-9 21 on 2026-05-27: severity criterion met; Augmentation also tried: aripiprazole"
          " 5 mg/d, 10 weeks"]),
        ("gum", {},
         ["- Not met: aged 18 or over (aged 16).",
          "- Other reading: Payers that ask for two classes would not count it: one class only.",
          "- Next: specialist care for children and adolescents only."]),
        ("birch", {"max_words": 2000},
         ["- Next: bring the present antidepressant to an adequate dose for at least 4 to 6 weeks,"
          " with adherence checked."]),
        ("elm", {"max_words": 2000},
         ["- Met: G90.511, onset 2025-05-17; pain for 3 months or longer: on record since"
          " 2025-05-17; a current pain score of 4 or more: 7 on 2026-05-28; duloxetine 60 mg/d,"
          " 27 weeks (SNRI), gabapentin 1800 mg/d, 10 weeks (gabapentinoid), nortriptyline"
          " 50 mg/d, 11 weeks (TCA).",
          "- Evidence: guideline grade B, low to moderate certainty, pain lower for up to 12 weeks;"
          " function not improved. Against: Cochrane 2025 sees no clear evidence for ketamine in"
          " chronic non-cancer pain; NICE NG193 says not to start it in chronic primary pain, CRPS"
          " included.",
          "- US: ketamine is labelled for anaesthesia only; use for pain is off-label."]),
    ],
)  # fmt: skip
def test_the_lines_of(name: str, site: dict[str, Any], lines: list[str]) -> None:
    assert of(fixture(name, **site)).detail.split("\n") == lines


# --- by the verdict -------------------------------------------------------------------------------


def criterion(ident: str, state: State, why: str) -> Criterion:
    return Criterion(ident, (), state, why)


def trd(verdict: Any, *criteria: Criterion, **fields: Any) -> Candidacy:
    made = judged(
        verdict=verdict, criteria=criteria, grade="A", next_steps=("one", "two", "three"),
        source=("Condition/1",),
    )  # fmt: skip
    return replace(made, **fields)


NOT_MET = trd(
    "not_met", criterion("adult", "met", "aged 45"),
    criterion("adequate-trials", "not_met", "adequate trials: 1 of 2"),
    criterion("no-psychotic-features", "not_met", "no psychosis: psychosis"),
)  # fmt: skip
UNKNOWN = trd(
    "cannot_determine", criterion("adult", "unknown", "age: not seen"),
    criterion("adequate-trials", "unknown", "trials: not seen"),
    criterion("not-bipolar", "unknown", "bipolar disorder"),
)  # fmt: skip
ROWS: list[tuple[Candidacy, str, list[tuple[str, Worth]]]] = [
    (NOT_MET, "Does not meet TRD criteria on this record: 0 of 2 adequate trials",
     [("Not met: adequate trials (1 of 2).", Worth.FOUND),
      ("Speaks against it: psychosis (psychosis).", Worth.FOUND),
      ("Next: one.", Worth.ADVICE), ("Then: two.", Worth.MORE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    (replace(NOT_MET, other_reading="so it is."),
     "Does not meet TRD criteria on this record: 0 of 2 adequate trials",
     [("Not met: adequate trials (1 of 2).", Worth.FOUND),
      ("Speaks against it: psychosis (psychosis).", Worth.FOUND),
      ("Other reading: so it is.", Worth.FOUND),
      ("Next: one.", Worth.ADVICE), ("Then: two.", Worth.MORE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    (UNKNOWN, "TRD cannot be determined: age not seen",
     [("Not known: age, trials (not seen).", Worth.FOUND),
      ("Not known: bipolar disorder.", Worth.FOUND),
      ("Next: one; two.", Worth.ADVICE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    # what the summary says already is no line
    (trd("not_met", criterion("adult", "met", "aged 45"),
         criterion("no-psychotic-features", "not_met", "no psychotic features: F32.3")),
     "Does not meet TRD criteria on this record: psychotic features (F32.3)",
     [("Next: one.", Worth.ADVICE), ("Then: two.", Worth.MORE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    (trd("cannot_determine", criterion("adult", "met", "aged 45"),
         criterion("medication-history", "unknown", "medication history: no drug on record")),
     "TRD cannot be determined: no drug on record",
     [("Next: one; two.", Worth.ADVICE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    (trd("cannot_determine", criterion("adult", "met", "aged 45"),
         criterion("medication-history", "unknown", "medication history: no drug on record"),
         criterion("adequate-trials", "unknown", "adequate trials: no drug on record")),
     "TRD cannot be determined: no drug on record",
     [("Not known: medication history, adequate trials (no drug on record).", Worth.FOUND),
      ("Next: one; two.", Worth.ADVICE),
      (f"Evidence: randomised trials (A). {AGAINST}", Worth.MORE)]),
    (trd("not_supported", next_steps=()), "Not supported for TRD: no dose is suggested",
     [(f"Evidence: randomised trials (A), {ELEKT}", Worth.EVIDENCE),
      (NOT_APPROVED[2:], Worth.EVIDENCE)]),
]  # fmt: skip


@pytest.mark.parametrize(("judged", "summary", "lines"), ROWS)
def test_by_the_verdict(judged: Candidacy, summary: str, lines: list[tuple[str, Worth]]) -> None:
    said, parts = candidacy_text(judged, case(order(), SEEN))
    assert [(part.text, part.worth) for line in parts for part in line] == lines
    assert said.split(":")[0] == summary.split(":")[0]


# --- the card -------------------------------------------------------------------------------------


def test_none_without_a_candidacy_or_outside_treatment() -> None:
    none = assessment(orders=[order()], history=SEEN)
    other = assessment(orders=[order()], history=SEEN, candidacy=[NOT_MET], infusion_therapy=False)
    for found in (none, other):
        assert candidacy_card(found, found.cases[0]) is None


@pytest.mark.parametrize(
    ("candidates", "rule", "last"),
    [
        ([NOT_MET], "candidacy:trd-unipolar:not_met", "- Evidence: randomised trials (A)."),
        ([NOT_MET, judged("crps")], "candidacy:trd-unipolar:not_met",
         "- Also met on the record: CRPS."),
        ([NOT_MET, judged("crps"), judged("ptsd"), judged("ocd", verdict="not_met")],
         "candidacy:trd-unipolar:not_met", "- Also met on the record: CRPS, PTSD."),
        ([trd("met")], "candidacy:trd-unipolar:met", NOT_APPROVED),
    ],
)  # fmt: skip
def test_the_card(candidates: list[Candidacy], rule: str, last: str) -> None:
    found = assessment(orders=[order()], history=SEEN, candidacy=candidates)
    card = candidacy_card(found, found.cases[0])
    assert card is not None
    assert (card.kind, card.rules, card.order) == ("candidacy", (rule,), "MedicationRequest/a")
    assert card.indicator == ("info" if rule.endswith(":met") else "warning")
    assert markdown(card.lines).split("\n")[-1].startswith(last)
    assert (card.danger, card.suggestions) == (False, ())


def test_without_an_order_it_names_none() -> None:
    found = assessment(history=SEEN, candidacy=[NOT_MET])
    card = candidacy_card(found, found.cases[0])
    assert card is not None
    assert card.order is None


# --- raised, where nobody asked -------------------------------------------------------------------

MIRTAZAPINE: Json = {
    "resourceType": "MedicationRequest", "id": "m", "status": "draft", "intent": "order",
    "subject": {"reference": "Patient/ash"},
    "medicationCodeableConcept": {"text": "mirtazapine 15 mg tablet"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "hook", "wanted", "site", "raised"),
    [
        ("ash", "patient-view", True, {}, True),
        ("ash", "patient-view", False, {}, False),
        ("ash", "patient-view", True, {"trigger_indications": ("crps",)}, False),
        ("ash", "patient-view", True, {"indications_off": ("trd-unipolar",)}, False),
        ("birch", "patient-view", True, {}, False),  # not met
        ("cedar", "patient-view", True, {}, False),  # a stop
        ("juniper", "patient-view", True, {}, False),  # treated already
        ("ash", "order-select", True, {}, True),
        ("ash", "order-select", False, {}, False),
        ("ash", "order-select", True, {"trigger_indications": ("crps",)}, False),
        ("cedar", "order-select", True, {}, False),
    ],
)  # fmt: skip
def test_raised(name: str, hook: Any, wanted: bool, site: Any, raised: bool) -> None:
    mine = replace(engine(), site=SiteProtocol(**site))
    chart = read_chart(mine, decode(encode(fhir_fixtures.load(name, DAY))))
    drafts = [] if hook == "patient-view" else [MIRTAZAPINE]
    found = assess(mine, chart, DAY, drafts, hook).assessment
    make = view_cards if hook == "patient-view" else trigger_cards
    made = make(found, candidacy_wanted=wanted)
    assert [(c.kind, c.indicator, c.rules) for c in made] == [
        ("candidacy", "info", ("trigger:trd-unipolar",))
    ] * raised
    for card in made:
        assert (
            card.summary == "Meets TRD criteria: 3 adequate antidepressant trials failed, 3 classes"
        )
        assert card.detail.startswith("- Met: F33.2")
