"""What holds for any concept: order means nothing, names of one drug agree, garbage is survived."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.terminology.codes import systems
from cds.terminology.codes.code_sets import any_stands, forms_of, phrase_pattern
from cds.terminology.codes.strength import strength
from cds.terminology.lookup import Terminology, load_terminology

TERMINOLOGY = load_terminology()

CODINGS = [
    {"system": systems.RXNORM, "code": "312941", "display": "sertraline 50 MG Oral Tablet"},
    {"system": systems.RXNORM, "code": "36437", "display": "sertraline"},
    {"system": systems.RXNORM, "code": "82728"},
    {"system": systems.RXNORM, "code": "2119389"},
    {"system": systems.RXNORM, "code": "993837"},
    {"system": systems.ATC, "code": "N06AB06"},
    {"system": systems.ATC, "code": "N06AB03"},
    {"system": systems.NDC, "code": "00002143601"},
    {"system": systems.SNOMED, "code": "710601000001107"},
    {"system": systems.SNOMED, "code": "370143000"},
    {"system": systems.ICD10CM, "code": "F33.2"},
    {"system": systems.ICD10CM, "code": "I10"},
    {"system": systems.LOINC, "code": "29463-7"},
    {"system": systems.CPT, "code": "90870"},
    {"system": "http://clinic.example", "code": "1", "display": "Prozac 20 mg"},
    {"system": "http://clinic.example", "code": "2", "display": "major depression"},
]
LOOKUPS = ("drug", "substance", "condition", "observation", "procedure")


@given(st.lists(st.sampled_from(CODINGS), max_size=5), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_codings_change_nothing(
    codings: list[dict[str, Any]], random: Any
) -> None:
    shuffled = [*codings, *codings[:1]]
    random.shuffle(shuffled)
    for name in LOOKUPS:
        lookup = getattr(TERMINOLOGY, name)
        assert lookup({"coding": codings}) == lookup({"coding": shuffled})


WORDS = st.lists(st.sampled_from(["mi", "mis", "old", "g2p1", "s", "miss"]), min_size=1).map(
    " ".join
)


@given(st.lists(WORDS, min_size=1, max_size=3), WORDS)
def test_phrases_stand_where_their_pattern_finds_them(phrases: list[str], text: str) -> None:
    found = phrase_pattern(phrases).search(text) is not None
    assert any_stands(forms_of(phrases), f" {text} ") == found


SAME_DRUG = {
    "sertraline": [
        {"coding": [{"system": systems.RXNORM, "code": code}]}
        for code in ("36437", "312941", "82728", "312940")
    ]
    + [{"text": t} for t in ("sertraline", "Zoloft", "Sertraline Hydrochloride 25 mg tab")],
    "bupropion": [
        {"text": t}
        for t in ("bupropion", "bupropion HCl", "Wellbutrin", "Wellbutrin SR 150 mg",
                  "bupropion hydrochloride XL 300 mg", "Aplenzin", "bupropion hydrobromide")
    ],
    "esketamine": [
        {"coding": [{"system": systems.RXNORM, "code": code}]}
        for code in ("2119365", "2119387", "2119381", "2119390", "2119391", "2119382", "2119377")
    ]
    + [{"text": t} for t in ("Spravato", "esketamine HCl nasal spray", "S-ketamine")],
    "ketamine": [
        {"coding": [{"system": systems.RXNORM, "code": code}]}
        for code in ("6130", "238084", "206972", "372528", "6129", "330468")
    ]
    + [{"text": t} for t in ("Ketalar", "ketamine hydrochloride", "KETAMINE HCL 10 MG/ML")],
}  # fmt: skip


@pytest.mark.parametrize("ingredient", SAME_DRUG)
def test_one_drug_is_one_ingredient_however_it_is_named(
    ingredient: str, terminology: Terminology
) -> None:
    for concept in SAME_DRUG[ingredient]:
        match = terminology.drug(concept)
        assert match is not None, concept
        assert match.names == {ingredient}, concept
        assert {i.rxcui for i in match.ingredients} != {None}, concept


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "text", "code", "system", "display", "userSelected", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_garbage_is_survived(concept: Any) -> None:
    for name in LOOKUPS:
        getattr(TERMINOLOGY, name)(concept)


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    for name in LOOKUPS:
        getattr(TERMINOLOGY, name)({"text": text})


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_strength_is_survived(value: str, unit: str) -> None:
    strength(value, unit)


@pytest.mark.parametrize(
    ("value", "unit", "read"),
    [
        ("50", "MG", "50 mg"),
        ("50", "MG/ML", "50 mg/mL"),
        ("100", "mg/2ml", "50 mg/mL"),
        ("0.075", "MG/HR", "75 ug/h"),
        ("0.25", "MG/HR", "0.25 mg/h"),
        ("9.5", "mg/24hour", "9.5 mg/d"),
        ("50", "microgram", "0.05 mg"),
        ("1", "g", "1000 mg"),
        ("5", "UNT/ML", "5 [iU]/mL"),
        ("0.1", "MG/ACTUAT", "0.1 mg/{actuat}"),
        ("1", "mg/3ml", None),  # does not divide out
        ("x", "MG", None),
        ("5", "MEQ", None),
        ("-5", "MG", None),
        ("Infinity", "MG", None),
    ],
)
def test_strengths(value: str, unit: str, read: str | None) -> None:
    quantity = strength(value, unit)
    assert (str(quantity) if quantity else None) == read
