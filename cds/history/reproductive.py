"""Pregnancy, lactation and whether pregnancy is possible, each with the day it is known from.

The newest evidence decides; on the same day the evidence for a pregnancy does. Evidence too old to
say anything about today leaves the state unknown. A negative test does not close an open entry of
the problem list: the two contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.entries import Condition, Person, Procedure, Result, Source
from cds.history.model.course import MedicationCourse
from cds.history.model.patient_state import ReproductiveState
from cds.knowledge.load import Knowledge
from cds.terminology.codes.named_codes import best_known, snomed, starts
from cds.terminology.text.certainty import STATES, affirms

Observations = Mapping[str, tuple[Result, ...]]

HCG_KINDS = ("hcg_serum_qualitative", "hcg_urine_qualitative", "hcg_serum_quantitative",
             "hcg_urine_quantitative")  # fmt: skip
_PREGNANT = frozenset({"pregnant", "positive", "yes"})
_NOT_PREGNANT = frozenset({"not_pregnant", "negative", "no"})
_DELIVERED = "after delivery"
_ON_THE_CHART = "pregnancy on the chart"
_SHOWN = 40

_STERILE_ICD10 = ("Z90.710", "Z90.711", "Z98.51", "N95.1", "Z78.0")
"""ICD-10-CM: absence of the uterus, tubal ligation status, menopause. Z90.712 is not among them:
the cervix is gone and the uterus is there."""
_STERILE_SNOMED = frozenset({"236886002", "116140006", "287664005", "161800001"})
"""hysterectomy, total hysterectomy, bilateral tubal ligation, history of hysterectomy"""
_STERILE_WORDS = re.compile(
    r"\bhysterectomy\b|absence of (?:both )?(?:the )?(?:cervix and )?uterus"
    r"|\btub(?:al|e) ligation\b|\bligation of (?:the )?fallopian|\bfemale steriliz?s?ation\b"
    r"|\bbilateral (?:salpingo-?)?(?:salpingectomy|oophorectomy)\b"
    r"|\bpost-?menopausal (?:state|status)\b|^(?:post-?)?menopaus(?:e|al)\b"
)
_CONTRACEPTION_WORDS = re.compile(
    r"\b(?:intrauterine (?:contraceptive )?device|iud|contraceptive implant|contraceptive patch"
    r"|oral contracepti\w+)\b"
)
_CONTRACEPTION_ENDED = re.compile(r"\bremoval|removed|expulsion|failure\b")


class _Evidence(Struct, frozen=True):
    """One thing that speaks for (True), against (False) or neither way (None)."""

    when: date | None
    says: bool | None
    source: Source
    why: str
    possible: bool = False
    """it makes a pregnancy possible today, whatever a test of before said"""
    taken_back: bool = False
    """a code says it, and the words beside the code or a later test that it is not so"""
    stands: bool = False
    """an entry that is said to be active"""
    negative: bool = False
    """a test or a stated status"""


def reproductive_state(
    person: Person,
    conditions: tuple[Condition, ...],
    observations: Observations,
    medications: tuple[MedicationCourse, ...],
    procedures: tuple[Procedure, ...],
    knowledge: Knowledge,
    as_of: date,
) -> ReproductiveState:
    """What the chart says of pregnancy and lactation on `as_of`; nothing for a male patient."""
    if person.sex == "male":
        return ReproductiveState()
    parameters = knowledge.parameters
    longest, usable, nursing = (
        timedelta(int(parameters[name].value))
        for name in ("pregnancy-longest", "pregnancy-negative-usable", "lactation-usable")
    )
    expected = list(_expected(observations, as_of, longest))
    found = [
        *_pregnancy_conditions(conditions, as_of, longest),
        *_gestation(observations, as_of, longest),
        *expected,
        *_tests(observations, as_of, longest, usable),
    ]
    pregnancy = _against_open_entries(_deciding(found), found)
    possible = [pregnancy] if pregnancy.possible else expected[:1]
    lactation = _newest(_lactation(conditions, observations, as_of, nursing))
    test = _last_test(observations)
    return ReproductiveState(
        pregnant=pregnancy.says,
        pregnancy_when=pregnancy.when,
        pregnancy_source=pregnancy.source,
        pregnancy_why=pregnancy.why,
        pregnancy_taken_back=pregnancy.taken_back,
        pregnancy_possible_why=possible[0].why if possible and pregnancy.why != _DELIVERED else "",
        lactating=lactation.says,
        lactation_when=lactation.when,
        lactation_source=lactation.source,
        hysterectomy_or_sterile=True if _sterile(conditions, procedures) else None,
        contraception=True if _contraception(conditions, procedures, medications) else None,
        last_test=test.when if test else None,
        last_test_source=test.source if test else (),
    )


def _deciding(found: list[_Evidence]) -> _Evidence:
    """The newest; a code whose own words take it back only where nothing else tells."""
    sure = [e for e in found if not e.taken_back and e.says is not None]
    back = [e for e in found if e.taken_back]
    return _newest(sure or back) if back else _newest(found)


def _against_open_entries(decides: _Evidence, found: list[_Evidence]) -> _Evidence:
    """The open entry of a pregnancy that a later negative test contradicts, if there is one.

    Either may be wrong: the entry of a pregnancy that is over, the test of another day or patient.
    """
    delivered = max((e.when for e in found if e.why == _DELIVERED and e.when), default=date.min)
    still = [e for e in found if e.stands and not e.taken_back and (e.when or date.max) > delivered]
    if not decides.negative or not still:
        return decides
    entry = _newest(still)
    when = f" of {entry.when.isoformat()}" if entry.when else ""
    tested = f", {decides.why} of {decides.when.isoformat()}" if decides.when else ""
    return replace(
        entry,
        when=None,  # each of the two has its own
        why=f"{_ON_THE_CHART}{when}{tested}",
        source=(*entry.source, *decides.source),
        taken_back=True,
    )


def _newest(found: Iterable[_Evidence]) -> _Evidence:
    """The evidence that decides. An open entry without a date can't be shown to be older."""
    return max(
        found,
        key=lambda e: (
            e.when is None and e.says is True,
            e.when or date.min,
            e.says is True,
            e.says is None,
            e.source,
        ),
        default=_Evidence(None, None, (), ""),
    )


def _pregnancy_conditions(
    conditions: Iterable[Condition], as_of: date, longest: timedelta
) -> Iterator[_Evidence]:
    for fact in conditions:
        dated = max((d for d in (fact.onset_latest, fact.onset, fact.recorded) if d), default=None)
        if "pregnancy_current" in fact.sets and fact.active is not False:
            began = fact.onset_latest or fact.onset or fact.recorded
            if began is not None and as_of - began > longest:
                continue  # nobody closed the entry
            undated = dated is None and fact.active is None
            why = "an entry of pregnancy of unknown date and status" if undated else _ON_THE_CHART
            why += f", {fact.doubt}" if fact.doubt else ""
            if fact.taken_back:
                why = f"coded {best_known(fact.codes)}, written “{fact.display[:_SHOWN]}”"
            says = None if undated and not fact.taken_back else True
            yield _Evidence(
                dated, says, fact.source, why,
                taken_back=bool(fact.taken_back), stands=fact.active is True,
            )  # fmt: skip
        elif "postpartum" in fact.sets and dated is not None and as_of - dated <= longest:
            yield _Evidence(dated, False, fact.source, _DELIVERED)


def _gestation(observations: Observations, as_of: date, longest: timedelta) -> Iterator[_Evidence]:
    """A gestational age says when the pregnancy began, and so whether it can still go on."""
    for fact in observations.get("gestational_age", ()):
        if fact.problem is None and fact.value is not None and fact.when is not None:
            began = fact.when - timedelta(int(fact.value * 7))
            if as_of - began <= longest:
                yield _Evidence(fact.when, True, fact.source, "gestational age measured")


def _expected(observations: Observations, as_of: date, longest: timedelta) -> Iterator[_Evidence]:
    """A delivery that is still to come."""
    for fact in observations.get("pregnancy_edd", ()):
        if fact.day is not None and as_of <= fact.day <= as_of + longest:
            why = f"delivery expected {fact.day.isoformat()}"
            yield _Evidence(fact.when, True, fact.source, why, possible=True)


def _tests(
    observations: Observations, as_of: date, longest: timedelta, usable: timedelta
) -> Iterator[_Evidence]:
    for kind in (*HCG_KINDS, "pregnancy_status"):
        name = "pregnancy status" if kind == "pregnancy_status" else "pregnancy test"
        for fact in observations.get(kind, ()):
            if fact.when is None:
                if fact.concept & _PREGNANT:  # it may be of today
                    yield _Evidence(None, True, fact.source, f"positive {name} of unknown date")
                continue
            age = as_of - fact.when
            if fact.concept & _PREGNANT:
                if age <= longest:
                    yield _Evidence(fact.when, True, fact.source, f"positive {name}")
            elif fact.concept & _NOT_PREGNANT:
                too_old = age > usable
                yield _Evidence(
                    fact.when,
                    None if too_old else False,
                    fact.source,
                    f"negative {name}" + (", too old for today" if too_old else ""),
                    negative=True,
                )
            elif fact.concept & {"possibly_pregnant", "unlikely_pregnant"} and age <= usable:
                why = f"{name} uncertain"
                yield _Evidence(fact.when, None, fact.source, why, possible=True)


def _last_test(observations: Observations) -> Result | None:
    """The newest test or stated status with an answer, whatever it was."""
    answered = [
        fact
        for kind in (*HCG_KINDS, "pregnancy_status")
        for fact in observations.get(kind, ())
        if fact.when is not None and fact.concept & (_PREGNANT | _NOT_PREGNANT)
    ]
    return max(answered, key=lambda f: (f.when or date.min, f.source), default=None)


def _lactation(
    conditions: Iterable[Condition],
    observations: Observations,
    as_of: date,
    nursing: timedelta,
) -> Iterator[_Evidence]:
    for fact in conditions:
        if "breastfeeding" in fact.sets and fact.active is not False:
            dated = fact.when
            if dated is None and fact.active is None:
                continue
            if dated is None or as_of - dated <= nursing:
                yield _Evidence(dated, True, fact.source, "on the chart")
    for status in observations.get("lactation_status", ()):
        if status.when is not None and as_of - status.when <= nursing:
            if status.concept & {"yes", "positive"}:
                yield _Evidence(status.when, True, status.source, "stated")
            elif status.concept & {"no", "negative"}:
                yield _Evidence(status.when, False, status.source, "stated")


def _sterile(conditions: Iterable[Condition], procedures: Iterable[Procedure]) -> bool:
    """Pregnancy can be ruled out for good: no uterus, sterilised, or past the menopause."""
    for codes, display in dict.fromkeys((fact.codes, fact.display) for fact in conditions):
        coded = starts(codes, _STERILE_ICD10) or snomed(codes) & _STERILE_SNOMED
        if coded or _says(_STERILE_WORDS, display):
            return True
    return any(
        not procedure.in_progress
        and (snomed(procedure.codes) & _STERILE_SNOMED or _says(_STERILE_WORDS, procedure.display))
        for procedure in procedures
    )


def _contraception(
    conditions: Iterable[Condition],
    procedures: Iterable[Procedure],
    medications: Iterable[MedicationCourse],
) -> bool:
    names = [
        *(fact.display for fact in conditions if fact.active is not False),
        *(fact.display for fact in procedures),
    ]
    device = [n for n in dict.fromkeys(names) if _says(_CONTRACEPTION_WORDS, n)]
    ended = any(_CONTRACEPTION_ENDED.search(name.lower()) for name in device)
    taken = any(
        course.current is True and any("contracept" in tag for tag in course.classes)
        for course in medications
    )
    return taken or (bool(device) and not ended)


def _says(pattern: re.Pattern[str], written: str) -> bool:
    return affirms(pattern, written.lower(), STATES)
