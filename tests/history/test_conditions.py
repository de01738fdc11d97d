"""Conditions: what stands, what is over, what never was."""

from __future__ import annotations

from datetime import date

import pytest

from cds.fhir_json import status_code
from cds.history.conditions import episode_start
from tests.charts.fhir import AS_OF, ICD10CM, SNOMED, concept, condition, on_day, record

MDD = concept(ICD10CM, "F33.2", "Major depressive disorder, recurrent severe")
ANEURYSM = concept(ICD10CM, "I71.4", "Abdominal aortic aneurysm")


def read(terminology, *resources, skipped=None, birth="1980-05-17"):
    chart = record(*resources, patient={"resourceType": "Patient", "birthDate": birth})
    return on_day(chart, terminology, skipped).conditions


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        ("active", {}, "active"),
        ("recurrence", {}, "recurrence"),
        ("remission", {}, "remission"),
        ("resolved", {}, "resolved"),
        ({"raw": "active"}, {}, "active"),  # DSTU2 and STU3
        ({"raw": {"text": "Active"}}, {}, "active"),
        ({"raw": {"text": "watchful waiting"}}, {}, "unknown"),
        (None, {}, "unknown"),
        (None, {"abatementDateTime": "2026-01-02"}, "resolved"),
        (None, {"abatementString": "last year"}, "resolved"),
        (None, {"abatementBoolean": True}, "resolved"),
        ("active", {"abatementDateTime": "2026-01-02"}, "inactive"),
        ("active", {"abatementDateTime": "2026"}, "active"),  # this year: perhaps still to come
        ("active", {"abatementPeriod": {"start": "2026-01-01", "end": "2026-02-01"}}, "inactive"),
        ("resolved", {"abatementDateTime": "2026-12-24"}, "active"),  # not yet on the day
    ],
)
def test_clinical_status(terminology, status, fields, expected):
    (fact,) = read(terminology, condition(MDD, status=status, **fields))
    assert fact.clinical == expected


@pytest.mark.parametrize(
    ("status", "onset", "end", "category", "clinical", "odd"),
    [
        # before, on and after the day on which it began
        ("active", "2026-05-10", "2026-05-09", "problem-list-item", "active", True),
        ("active", "2026-05-10", "2026-05-10", "problem-list-item", "inactive", False),
        ("active", "2026-05-10", "2026-05-11", "problem-list-item", "inactive", False),
        # the visit that found it began and ended on one day
        ("active", "2026-05-10", "2026-05-10", "encounter-diagnosis", "active", True),
        ("resolved", "2026-05-10", "2026-05-10", "encounter-diagnosis", "resolved", False),
        (None, "2026-05-10", "2026-05-10", "encounter-diagnosis", "resolved", False),
        # what the status says stands; without one nothing is known
        ("recurrence", "2026-05-10", "2019-01-01", "problem-list-item", "recurrence", True),
        ("resolved", "2026-05-10", "2019-01-01", "problem-list-item", "resolved", True),
        (None, "2026-05-10", "2019-01-01", "problem-list-item", "unknown", True),
        # a date that is written in part may lie on either side
        ("active", "2026", "2026-05-09", "problem-list-item", "inactive", False),
        ("active", "2026-05", "2025", "problem-list-item", "active", True),
        ("active", "2026-05-10", "2026-05", "problem-list-item", "inactive", False),
    ],
)
def test_an_end_before_the_beginning_is_none(
    terminology, status, onset, end, category, clinical, odd
):
    written = {"onsetDateTime": onset, "abatementDateTime": end}
    written["category"] = [{"coding": [{"code": category}]}]
    (fact,) = read(terminology, condition(MDD, status=status, **written))
    assert (fact.clinical, fact.odd_end) == (clinical, odd)


FAMILY = {"system": ICD10CM, "code": "Z82.49", "display": "Family history of AAA"}
AAA = {"system": SNOMED, "code": "233985008", "display": "Abdominal aortic aneurysm"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ({"coding": [FAMILY, AAA]}, "Abdominal aortic aneurysm"),
        ({"coding": [AAA, FAMILY]}, "Abdominal aortic aneurysm"),
        # a display that was copied into the text
        ({"coding": [FAMILY, AAA], "text": "Family history of AAA"}, "Abdominal aortic aneurysm"),
        ({"coding": [FAMILY, AAA], "text": "AAA, 4.2 cm"}, "AAA, 4.2 cm"),
        ({"coding": [AAA | {"display": ""}, FAMILY]}, "Family history of AAA"),
        ({"coding": [FAMILY]}, "Family history of AAA"),
    ],
)
def test_a_condition_is_called_by_the_coding_that_decided(terminology, code, name):
    (fact,) = read(terminology, condition(code))
    assert fact.display == name


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
@pytest.mark.parametrize("shape", ["plain", "coded", "text"])
def test_what_was_never_so_is_not_there(terminology, verification, shape):
    stated = {
        "plain": verification,
        "coded": concept(
            "http://terminology.hl7.org/CodeSystem/condition-ver-status", verification
        ),
        "text": {"text": verification.title()},
    }[shape]
    skipped = []
    assert read(terminology, condition(MDD, verificationStatus=stated), skipped=skipped) == ()
    assert [(s.resource, s.reason) for s in skipped] == [("Condition/c1", verification)]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"text": "ruled out"}, None),
        ({"text": "Ruled-out"}, None),
        ("excluded", None),
        (concept(SNOMED, "410516002", "Known absent"), None),
        (concept(SNOMED, "410594000", "Definitely NOT present"), None),
        ({"text": "entered in error"}, None),
        (concept(SNOMED, "415684004", "Suspected"), "provisional"),
        ({"text": "not confirmed"}, "unconfirmed"),
        (concept(SNOMED, "410605003", "Confirmed present"), "confirmed"),
        ({"text": "ruled in"}, "unknown"),  # of no list: nothing is guessed
    ],
)
def test_verification_without_the_code_of_fhir(terminology, stated, expected):
    facts = read(terminology, condition(ANEURYSM, verificationStatus=stated))
    assert [fact.verification for fact in facts] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("No AAA on CT", True),
        ("AAA - ruled out", True),
        ("ruled out", True),
        ("Family history of AAA", True),
        ("?AAA", True),
        ("Screening for AAA", True),
        ("AAA", False),
        ("AAA, no rupture", False),
        ("AAA without dissection", False),
        ("no rupture of the AAA", False),
        ("h/o AAA", False),  # past, and not taken back
        ("Bauchaortenaneurysma", False),  # words that are not understood say nothing
        ("no chest pain", False),  # of something else
    ],
)
def test_words_that_take_back_what_the_code_says_leave_it_unconfirmed(terminology, text, unsaid):
    code = concept(ICD10CM, "I71.4") | {"text": text}
    (fact,) = read(terminology, condition(code, verificationStatus="confirmed"))
    assert "aneurysmal_vascular_disease" in fact.sets
    assert (fact.unsaid, fact.verification) == (
        (True, "unconfirmed") if unsaid else (False, "confirmed")
    )


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("Atherosclerosis of coronary vessels without angina", False),
        ("CT coronaries: no angina, no coronary artery disease", True),
    ],
)
def test_a_part_that_is_denied_behind_the_disease_takes_nothing_back(terminology, text, unsaid):
    code = concept(ICD10CM, "I25.10") | {"text": text}
    (fact,) = read(terminology, condition(code))
    assert fact.unsaid is unsaid


@pytest.mark.parametrize(
    ("fields", "onset", "latest"),
    [
        ({"onsetDateTime": "2026-05-01"}, date(2026, 5, 1), date(2026, 5, 1)),
        ({"onsetDateTime": "2026-05"}, date(2026, 5, 1), date(2026, 5, 31)),
        ({"onsetDateTime": "2026"}, date(2026, 1, 1), AS_OF),
        ({"onsetPeriod": {"start": "2025-03-04"}}, date(2025, 3, 4), date(2025, 3, 4)),
        (
            {"onsetAge": {"value": 40, "unit": "years", "code": "a"}},
            date(2020, 5, 17),
            date(2021, 5, 17),
        ),
        ({"onsetString": "in childhood"}, None, None),
        ({"onsetDateTime": "sometime"}, None, None),
    ],
)
def test_onset(terminology, fields, onset, latest):
    (fact,) = read(terminology, condition(MDD, **fields))
    assert (fact.onset, fact.onset_latest) == (onset, latest)


def test_a_later_onset_does_not_exist_yet(terminology):
    skipped = []
    assert read(terminology, condition(MDD, onsetDateTime="2026-11-23"), skipped=skipped) == ()
    assert skipped[0].reason == "dated after the day of the assessment"


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ([concept("c", "problem-list-item")], "problem-list-item"),
        (concept("c", "encounter-diagnosis"), "encounter-diagnosis"),  # not a list: invalid, common
        (
            [concept("c", "encounter-diagnosis"), concept("c", "problem-list-item")],
            "problem-list-item",
        ),
        ([concept("c", "health-concern")], "other"),
        (None, "other"),
    ],
)
def test_category(terminology, category, expected):
    (fact,) = read(terminology, condition(MDD, category=category))
    assert fact.category == expected


def test_sets_display_and_codes(terminology):
    (fact,) = read(terminology, condition(ANEURYSM))
    assert "aneurysmal_vascular_disease" in fact.sets
    assert fact.display == "Abdominal aortic aneurysm"
    assert fact.codes == ((ICD10CM, "I71.4"),)
    assert fact.active is True


def test_a_condition_of_no_set_is_kept(terminology):
    (fact,) = read(terminology, condition(concept(SNOMED, "38341003999", "Something rare")))
    assert (fact.sets, fact.display) == (frozenset(), "Something rare")


def test_a_history_code_is_not_current_disease(terminology):
    history = concept(ICD10CM, "Z91.51", "Personal history of suicidal behavior")
    (fact,) = read(terminology, condition(history))
    assert fact.history_of
    assert fact.active is False


def test_nothing_at_all_is_skipped(terminology):
    skipped = []
    assert read(terminology, condition({}), skipped=skipped) == ()
    assert skipped[0].reason == "no code and no text"


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([condition(MDD, onsetDateTime="2025-02-01")], date(2025, 2, 1)),
        ([condition(MDD)], None),
        ([condition(MDD, onsetDateTime="2025-02-01", status="resolved")], None),
        ([condition(MDD, onsetDateTime="2025-02-01", status=None)], None),
        (
            [
                condition(
                    MDD,
                    "a",
                    onsetDateTime="2019-02-01",
                    category=[concept("c", "problem-list-item")],
                ),
                condition(
                    MDD,
                    "b",
                    onsetDateTime="2026-02-01",
                    category=[concept("c", "encounter-diagnosis")],
                ),
            ],
            date(2019, 2, 1),
        ),
        (
            [
                condition(MDD, "a", onsetDateTime="2019-02-01"),
                condition(MDD, "b", onsetDateTime="2026-02-01"),
            ],
            date(2026, 2, 1),
        ),
        ([condition(concept(ICD10CM, "F33.42"), onsetDateTime="2025-02-01")], None),
    ],
    ids=["dated", "undated", "over", "status unknown", "problem list first", "latest", "remission"],
)
def test_start_of_the_episode(terminology, conditions, expected):
    assert episode_start(read(terminology, *conditions), AS_OF) == expected


@pytest.mark.parametrize("local_first", [True, False])
def test_a_translated_status_is_fhirs_own_code(local_first):
    """`refuted` beside a local code is refuted, in whichever order the codings stand."""
    for name, code in (("verificationStatus", "refuted"), ("clinicalStatus", "resolved")):
        local = {"system": "urn:oid:1.2.840.114350", "code": "9"}
        system = f"http://terminology.hl7.org/CodeSystem/condition-{name}"
        codings = [local, {"system": system, "code": code}]
        resource = {name: {"coding": codings if local_first else codings[::-1]}}
        assert status_code(resource[name]) == code


@pytest.mark.parametrize(
    ("words", "stated", "expected"),
    [
        ("Aortic aneurysm", "confirmed", "confirmed"),
        ("?aortic aneurysm", "confirmed", "unconfirmed"),
        ("r/o aortic aneurysm", None, "unconfirmed"),
        ("possible aortic aneurysm", "differential", "differential"),
    ],
)
def test_words_that_doubt_confirm_nothing(terminology, words, stated, expected):
    fields = {"verificationStatus": {"coding": [{"code": stated}]}} if stated else {}
    (fact,) = read(terminology, condition({"text": words}, **fields))
    assert fact.sets >= {"aneurysmal_vascular_disease"}
    assert fact.verification == expected
