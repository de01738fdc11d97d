"""An answer that its allowance of time cuts short: the stops that were found, one line, no more."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import count
from typing import Any

import pytest
from prometheus_client import REGISTRY

import fhir_fixtures
from cds.allowance import Allowance
from cds.api import Answer, assess, load, read_chart
from cds.assessment.cut_short import MOST_FOUND
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.runtime import open_service
from cds.wire import Json, decode, encode
from tests.hooks import hooktools
from tests.rows import check_each
from tests.work import looked_at, processor_seconds

pytestmark = pytest.mark.usefixtures("faults_are_kept")

DAY = fhir_fixtures.ANCHOR
ENGINE = load()
ORDER: Json = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
LINE = "The chart is too large to be judged in time"
NEVER = ("Meets ", "criteria met", "No contraindication", "no contraindication")


def drafted(drug: str, dose: str) -> Json:
    return ORDER | {
        "medicationCodeableConcept": {"text": drug}, "dosageInstruction": [{"text": dose}],
    }  # fmt: skip


KETAMINE = drafted("ketamine 50 mg/mL injection", "350 mg IV over 40 minutes")
OPIOID = drafted("oxycodone 10 mg tablet", "1 tablet every 6 hours")
UNRELATED = drafted("amoxicillin 500 mg capsule", "1 capsule three times daily")


def entry(kind: str, ident: str, text: str, **more: object) -> Json:
    name = "medicationCodeableConcept" if kind.startswith("Medication") else "code"
    return {
        "resourceType": kind, "id": ident, name: {"text": text}, "status": "active",
        "subject": {"reference": "Patient/ash"}, "patient": {"reference": "Patient/ash"}, **more,
    }  # fmt: skip


STOPS = [
    entry("Condition", "aneurysm", "abdominal aortic aneurysm"),
    entry("AllergyIntolerance", "allergy", "ketamine", criticality="high"),
    entry("MedicationRequest", "opioid", "morphine 30 mg tablet", authoredOn=DAY.isoformat()),
]


class Jump:
    """A clock that stands still, and jumps far ahead when it is asked for the n-th time."""

    def __init__(self, at: int) -> None:
        self.asked = 0
        self.at = at

    def __call__(self) -> float:
        self.asked += 1
        return 1e6 if self.asked > self.at else 0.0


@lru_cache(maxsize=1)
def record() -> PatientRecord:
    return gather([fhir_fixtures.load("ash", DAY), *STOPS])


def answer(*drafts: Json, allowance: Allowance | None = None, **more: Any) -> Answer:
    chart = read_chart(ENGINE, record(), allowance=allowance)
    return assess(ENGINE, chart, DAY, drafts, allowance=allowance, **more)


def text(found: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in found.cards)


def stops(found: Answer) -> set[str]:
    return {f.id for f in found.assessment.findings if f.severity == "critical"}


def check_cut(found: Answer, whole: Answer) -> None:
    ids = {f.id for f in found.assessment.findings} - {"cut-short"}
    assert ids <= {f.id for f in whole.assessment.findings}
    assert stops(found) <= stops(whole)
    assert found.assessment.candidacy == found.assessment.doses == found.faults == ()
    assert text(found).count(LINE) == 1
    assert not any(never in text(found) for never in NEVER)
    assert not any(card.suggestions for card in found.cards)
    assert not {"candidacy", "course"} & {card.kind for card in found.cards}
    assert decode(encode(found.report()))["cut_short"]


def test_wherever_it_is_cut() -> None:
    """The time is over at one check point after the other, as far as a few dozen show it."""
    clock = Jump(10**9)
    whole = answer(KETAMINE, allowance=looked_at(1, clock))
    assert {"aneurysm", "hypersensitivity", "order-rate-too-high"} <= stops(whole)
    assert whole.cut == ()
    assert "cut_short" not in whole.report()
    told = encode(whole.report())
    assert told == encode(answer(KETAMINE).report())
    for moment in [*range(1, 60, 3), *range(60, clock.asked, 61)]:
        found = answer(KETAMINE, allowance=looked_at(1, Jump(moment)))
        if found.cut:
            check_cut(found, whole)
        else:
            assert encode(found.report()) == told


def test_more_time_never_loses_a_stop() -> None:
    clock = Jump(10**9)
    answer(KETAMINE, allowance=looked_at(1, clock))
    before: set[str] = set()
    for ticks in range(0, clock.asked * 3, clock.asked // 5):
        found = answer(KETAMINE, allowance=looked_at(ticks, count().__next__))
        assert before <= stops(found)
        before = stops(found)
    assert found.cut == ()


HOOKS = {
    "ketamine": ((KETAMINE,), "order-select", "warning"),
    "ketamine, to be signed": ((KETAMINE,), "order-sign", "warning"),
    "another drug that matters": ((OPIOID,), "order-select", "info"),
    "a chart that is opened": ((), "patient-view", "info"),
    "an order that does not matter": ((UNRELATED,), "order-select", None),
    "no order at all": ((), "order-select", None),
}


def test_never_silent_about_what_was_cut() -> None:
    def check(name: str) -> None:
        drafts, hook, indicator = HOOKS[name]
        found = answer(*drafts, hook=hook, allowance=looked_at(1, Jump(30)))
        assert found.cut
        if indicator is None:
            assert found.cards == ()
            return
        (said,) = [card for card in found.cards if "cut-short" in card.rules]
        assert text(found).count(LINE) == 1
        assert LINE in f"{said.summary} {said.detail}"
        if len(found.cards) == 1 and said.summary.startswith(LINE):
            assert said.indicator == indicator

    check_each(HOOKS, check)


def test_words_that_break_cost_the_line_no_more_than_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise KeyError("Jane Doe")

    monkeypatch.setattr("cards.build.with_cut", broken)
    found = answer(KETAMINE, allowance=looked_at(1, Jump(60)))
    assert found.cut
    assert LINE in text(found)
    assert not any(card.suggestions for card in found.cards)


def counted(name: str) -> float:
    samples = (s for metric in REGISTRY.collect() if metric.name == name for s in metric.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))


def huge() -> Json:
    """A request about a chart that takes five times as long as is allowed below, on any machine.

    Its stops stand at the end of long lists.
    """
    request = hooktools.fixture_request("ash", "order-select")
    prefetch = request["prefetch"]
    kinds = {
        "conditions": "Condition",
        "procedures": "Procedure",
        "allergies": "AllergyIntolerance",
    }
    for key, kind in kinds.items():
        for number in range(2500):
            words = f"{kind} number {number} in words that nobody has heard of"
            prefetch[key]["entry"].append({"resource": entry(kind, f"x{number}", words)})
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I71.40"}]}
    aneurysm = entry("Condition", "aneurysm", "", code=coded)
    prefetch["conditions"]["entry"].append({"resource": aneurysm})
    return request


def test_a_huge_chart_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    settings = hooktools.Settings(auth="off", computing_ms=500)
    client = hooktools.app(open_service(settings).respond).test_client()
    body = encode(huge())
    cut, broken = counted("ketamine_cds_cut_short"), counted("ketamine_cds_faults")
    answers = []

    def ask() -> None:
        answers.append(
            client.post(
                hooktools.SERVICES["order-select"], data=body, content_type="application/json"
            )
        )

    took = processor_seconds(ask)
    (got,) = answers
    assert got.status_code == 200
    cards = got.get_json()["cards"]
    assert cards[0]["indicator"] == "critical"
    assert "aneurysm" in cards[0]["summary"].lower() or "I71.4" in cards[0]["summary"]
    assert sum(LINE in f"{c['summary']} {c.get('detail')}" for c in cards) == 1
    assert not any(card.get("suggestions") for card in cards)
    assert counted("ketamine_cds_cut_short") == cut + 1
    assert counted("ketamine_cds_faults") == broken
    assert took < 5  # of the ten seconds and more that all of it takes


# ---- many orders ---------------------------------------------------------------------------------

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
WORDY = ["smoker, had a stroke", "stroke in the past", "chest pain", "asthma attack", "anxious"]


def coded(kind: str, ident: str, system: str, code: str, text: str) -> Json:
    return entry(kind, ident, text, code={"coding": [{"system": system, "code": code}]})


PLANTED = [
    coded("Condition", "aneurysm", ICD, "I71.4", "x"),
    coded(
        "AllergyIntolerance", "allergy", "http://www.nlm.nih.gov/research/umls/rxnorm", "6130", "x"
    ),
]
FILLERS: dict[str, list[Json]] = {
    "a small chart": [],
    "a chart of many words": [
        entry("Condition", f"w{n}", f"{WORDY[n % 5]}, seen again by doctor number {n}",
              recordedDate="2026-05-01")
        for n in range(200)
    ],
    "a chart of many codes": [
        coded("Condition", f"c{n}", ICD, f"E11.{n % 60}", "diabetes") for n in range(200)
    ],
}  # fmt: skip


def session(many: int) -> list[Json]:
    """So many orders, the last of them a mistake of its own."""
    usual = drafted("ketamine 50 mg/mL injection", "35 mg IV over 40 minutes")
    pushed = drafted("ketamine 50 mg/mL injection", "500 mg IV push")
    return [{**usual, "id": f"d{n}"} for n in range(many - 1)] + [{**pushed, "id": "last"}]


def wrong(found: Answer) -> set[tuple[str, str | None]]:
    """The stops that are in the orders themselves."""
    mistakes = (f for f in found.assessment.findings if f.kind == "order_error")
    return {(f.id, f.order) for f in mistakes if f.severity == "critical"}


SPENT = {
    "nothing is left, ever": lambda: looked_at(0, count().__next__),
    "nothing is left from the first look": lambda: looked_at(1, Jump(1)),
    "over in the chart": lambda: looked_at(1, Jump(40)),
    "over in the assessment": lambda: looked_at(1, Jump(200)),
    "a little": lambda: looked_at(300, count().__next__),
    "more": lambda: looked_at(3000, count().__next__),
}


@pytest.mark.parametrize("filler", FILLERS)
def test_many_orders_cost_no_stop(filler: str) -> None:
    """However the time is spent: the stops of the patient that were read, and of each order."""
    record = gather([fhir_fixtures.load("ash", DAY), *FILLERS[filler], *PLANTED])
    chart = read_chart(ENGINE, record)
    drafts = session(8)
    expected = wrong(assess(ENGINE, chart, DAY, drafts))
    of = {
        name: {ident for ident, order in expected if order == f"MedicationRequest/{name}"}
        for name in ("d0", "last")
    }
    assert of["last"] - of["d0"], expected

    def check(name: str) -> None:
        found = assess(ENGINE, chart, DAY, drafts, allowance=SPENT[name]())
        assert found.cut or name == "more"
        assert {"aneurysm", "hypersensitivity"} <= stops(found)
        assert wrong(found) == expected
        assert found.cards[0].indicator == "critical"
        assert "Do not give" in found.cards[0].summary
        if found.cut:
            assert text(found).count(LINE) == 1
            assert found.assessment.candidacy == found.assessment.doses == ()
            assert not any(card.suggestions for card in found.cards)
            assert all(len(line) < 3000 for line in text(found).splitlines())

    check_each(SPENT, check)


def test_orders_that_take_all_the_time_are_cut_too() -> None:
    """A chart that is not worth cutting: long orders end, short ones and the patient are judged."""
    long = KETAMINE | {"id": "long", "dosageInstruction": [
        {"text": f"{n} mg IV push"} for n in range(300, 340)
    ]}  # fmt: skip
    record = gather([fhir_fixtures.load("ash", DAY), *PLANTED])
    chart = read_chart(ENGINE, record)
    orders = [long, *session(3)]
    found = assess(ENGINE, chart, DAY, orders, allowance=looked_at(0, count().__next__))
    assert found.cut
    assert {"aneurysm", "hypersensitivity"} <= stops(found)
    assert "MedicationRequest/last" in {f.order for f in found.assessment.findings}
    assert text(found).count(LINE) == 1


def test_the_patient_is_judged_once_for_all_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """How often the chart's diagnoses, results and drugs are gone through does not grow."""
    from cds.assessment import diagnosis, partners
    from cds.assessment.rules import of_results

    asked = Counter[str]()

    def counted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def one_more(*args: Any, **named: Any) -> Any:
            asked[name] += 1
            return real(*args, **named)

        monkeypatch.setattr(module, name, one_more)

    for module, name in ((diagnosis, "_ever"), (of_results, "_newest"), (partners, "_is_taken")):
        counted(module, name)
    chart = read_chart(ENGINE, record())
    looks = []
    for many in (2, 12):
        for allowance in (None, looked_at(0, count().__next__)):
            asked.clear()
            assess(ENGINE, chart, DAY, session(many), allowance=allowance)
            looks.append(dict(asked))
    assert looks[0]["_ever"] > 1
    assert looks[0]["_newest"] > 1
    assert looks[0]["_is_taken"] > 1
    assert looks[2] == looks[0]
    assert looks[3] == looks[1]


def test_what_many_words_say_is_named_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding of many facts names a few, those of a code first, and counts the others."""
    wordy = [
        entry("Condition", f"w{n}", f"abdominal aortic aneurysm of {n} mm") for n in range(30, 60)
    ]
    listed = [*wordy, coded("Condition", "aneurysm", ICD, "I71.4", "x")]
    chart = read_chart(ENGINE, gather([fhir_fixtures.load("ash", DAY), *listed]))
    whole = assess(ENGINE, chart, DAY, [KETAMINE])
    cut = assess(ENGINE, chart, DAY, [KETAMINE], allowance=looked_at(0, count().__next__))
    assert whole.cut == ()
    assert cut.cut
    assert len([n for n in range(30, 60) if f"aneurysm of {n} mm" in text(whole)]) > 20
    assert len([n for n in range(30, 60) if f"aneurysm of {n} mm" in text(cut)]) <= MOST_FOUND
    assert "I71.4" in text(cut)
    assert "more" in text(cut)
