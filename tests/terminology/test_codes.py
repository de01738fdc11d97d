"""Codes of drugs, conditions, observations and procedures, and what charts do to them."""

from __future__ import annotations

from typing import Any

import pytest

from cds.terminology.codes import systems
from cds.terminology.codes.drugs import ndc_shapes
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch
from tests.replaced import replace

RXNORM, NDC, SNOMED = systems.RXNORM, systems.NDC, systems.SNOMED
ATC, CM, WHO = systems.ATC, systems.ICD10CM, systems.ICD10


def coded(*codings: tuple[str, str], text: str = "") -> dict[str, Any]:
    concept: dict[str, Any] = {"coding": [{"system": s, "code": c} for s, c in codings]}
    return concept | ({"text": text} if text else {})


def said(match: DrugMatch | None) -> list[str]:
    assert match is not None
    return [f"{i.name} {i.strength}" if i.strength else i.name for i in match.ingredients]


@pytest.mark.parametrize(
    ("system", "code", "meant", "route", "pack"),
    [
        (RXNORM, "312941", ["sertraline 50 mg"], "oral", None),
        (RXNORM, "36437", ["sertraline"], "oral", None),
        (RXNORM, "82728", ["sertraline"], "oral", None),
        (RXNORM, "238084", ["ketamine 50 mg/mL"], "injectable", None),
        (RXNORM, "2119387", ["esketamine 28 mg"], "nasal", None),
        (RXNORM, "2119391", ["esketamine 28 mg"], "nasal", 2),
        (RXNORM, "2119389", ["esketamine 28 mg"], "nasal", 3),
        (RXNORM, "993837", ["acetaminophen 300 mg", "codeine 30 mg"], "oral", None),
        (RXNORM, "751563", ["lamotrigine"], "oral", None),  # a pack of two strengths has neither
        (NDC, "00002-1436-01", ["galcanezumab 120 mg/mL"], "injectable", None),
        (NDC, "0002-1436-01", ["galcanezumab 120 mg/mL"], "injectable", None),
        (NDC, "00002143601", ["galcanezumab 120 mg/mL"], "injectable", None),
        (SNOMED, "710601000001107", ["ketamine 10 mg/mL"], "injectable", None),
        (SNOMED, "38499411000001100", ["esketamine 28 mg"], "nasal", 3),
        (SNOMED, "9565511000001105", ["buprenorphine 10 ug/h"], "transdermal", None),
        (ATC, "N06AB06", ["sertraline"], None, None),
        (ATC, "n06ab06", ["sertraline"], None, None),
    ],
)
def test_a_drug_code(
    system: str,
    code: str,
    meant: list[str],
    route: str | None,
    pack: int | None,
    terminology: Terminology,
) -> None:
    match = terminology.drug(coded((system, code)))
    assert said(match) == meant
    assert match is not None
    assert match.pack_quantity == pack
    assert match.certainty is Certainty.CODE
    assert match.code == (system, code)
    assert route is None or match.route == route


@pytest.mark.parametrize(
    ("written", "shapes"),
    [
        ("0002-1436-01", ("00002143601",)),
        ("50242-040-62", ("50242004062",)),
        ("60575-4112-1", ("60575411201",)),
        ("00002143601", ("00002143601",)),
        ("0002143601", ("00002143601", "00021043601", "00021436001")),
        ("abc", ()),
        ("123", ()),
    ],
)
def test_ndc_shapes(written: str, shapes: tuple[str, ...]) -> None:
    assert set(ndc_shapes(written)) == set(shapes)


@pytest.mark.parametrize(
    ("written", "system"),
    [
        ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
        ("http://www.nlm.nih.gov/research/umls/RxNorm/", RXNORM),
        ("https://www.nlm.nih.gov/research/umls/rxnorm", RXNORM),
        ("urn:oid:2.16.840.1.113883.6.96", SNOMED),
        ("http://snomed.info/sct/731000124108/version/20240901", SNOMED),
        ("http://snomed.info/sct|20240901", SNOMED),
        ("https://dmd.nhs.uk", SNOMED),
        ("urn:oid:2.16.840.1.113883.6.90", CM),
        ("urn:oid:2.16.840.1.113883.6.1", systems.LOINC),
        ("urn:oid:2.16.840.1.113883.6.69", NDC),
        (" http://loinc.org/ ", systems.LOINC),
        ("http://clinic.example/codes/", "http://clinic.example/codes"),
    ],
)
def test_a_system_is_known_by_all_its_names(written: str, system: str) -> None:
    assert systems.canonical(written) == system


def test_a_product_decides_over_an_ingredient_and_gives_the_strength(
    terminology: Terminology,
) -> None:
    match = terminology.drug(coded((ATC, "N06AB06"), (RXNORM, "36437"), (RXNORM, "312941")))
    assert said(match) == ["sertraline 50 mg"]
    assert match is not None
    assert match.disagreement == ()


def test_codings_that_name_different_drugs_are_reported(terminology: Terminology) -> None:
    match = terminology.drug(coded((RXNORM, "312941"), (ATC, "N06AB03")))
    assert match is not None
    assert match.names == {"sertraline"}
    assert match.disagreement == ("ATC N06AB03 means fluoxetine, not sertraline",)


PERCOCET = "oxycodone-acetaminophen 10-325 mg tablet"


@pytest.mark.parametrize(
    ("code", "text", "names", "apart", "contradicted"),
    [
        # the code of one ingredient is coarse, and the text says what the combination is
        ("161", PERCOCET, "acetaminophen / oxycodone", "", False),
        ("161", "Percocet", "acetaminophen / oxycodone", "", False),
        ("5640", "hydrocodone-ibuprofen 7.5-200 mg", "hydrocodone / ibuprofen", "", False),
        ("7242", "naloxone-oxycodone", "naloxone / oxycodone", "", False),
        ("1191", "carisoprodol-aspirin-codeine", "aspirin / carisoprodol / codeine", "", False),
        ("704", "chlordiazepoxide-amitriptyline", "amitriptyline / chlordiazepoxide", "", False),
        ("7804", PERCOCET, "acetaminophen / oxycodone", "", False),
        # the code of a product is not: what it has is taken, what the text adds perhaps
        ("313782", PERCOCET, "acetaminophen", "oxycodone", False),
        ("1049683", PERCOCET, "oxycodone", "acetaminophen", False),
        # neighbours: the text says no more, denies the rest, or means another drug
        ("161", "acetaminophen 500 mg", "acetaminophen", "", False),
        ("161", "acetaminophen (Percocet stopped)", "acetaminophen", "", False),
        ("161", "codeine", "acetaminophen", "codeine", True),
    ],
)
def test_a_combination_that_the_text_names_is_not_lost_to_its_code(
    code: str, text: str, names: str, apart: str, contradicted: bool, terminology: Terminology
) -> None:
    match = terminology.drug(coded((RXNORM, code), text=text))
    assert match is not None
    assert " / ".join(sorted(match.names)) == names
    assert [" / ".join(sorted(other.names)) for other in match.apart] == ([apart] if apart else [])
    assert match.contradicted is contradicted
    opioid = any(tag.startswith("opioid") for other in match.apart for tag in other.classes)
    assert opioid is (apart in ("oxycodone", "codeine"))


def test_a_match_has_the_names_of_its_ingredients(terminology: Terminology) -> None:
    match = terminology.drug(coded((RXNORM, "993837")))
    assert match is not None
    assert match.names == {"acetaminophen", "codeine"}
    assert replace(match, ingredients=match.ingredients[:1]).names == {"acetaminophen"}


def test_two_strengths_of_one_drug_leave_the_strength_open(terminology: Terminology) -> None:
    match = terminology.drug(coded((RXNORM, "312941"), (RXNORM, "312940")))
    assert said(match) == ["sertraline"]
    assert match is not None
    assert match.disagreement


def test_a_display_that_contradicts_its_code_is_reported(terminology: Terminology) -> None:
    concept = {"coding": [{"system": RXNORM, "code": "312941", "display": "fluoxetine 20 mg"}]}
    match = terminology.drug(concept)
    assert match is not None
    assert match.names == {"sertraline"}
    assert match.certainty is Certainty.CODE
    assert match.disagreement == ("the text means fluoxetine, not sertraline",)


def test_the_display_of_an_unknown_code_is_read_as_text(terminology: Terminology) -> None:
    concept = {"coding": [{"system": "http://local", "code": "9", "display": "Zoloft 50 mg"}]}
    match = terminology.drug(concept)
    assert said(match) == ["sertraline 50 mg"]
    assert match is not None
    assert match.certainty is Certainty.TEXT


def test_the_text_fills_in_the_strength_that_an_ingredient_code_lacks(
    terminology: Terminology,
) -> None:
    match = terminology.drug(coded((RXNORM, "36437"), text="sertraline 50 mg tablet"))
    assert said(match) == ["sertraline 50 mg"]
    assert match is not None
    assert match.certainty is Certainty.CODE


def test_the_route_of_ketamine_is_not_told_by_its_ingredient(terminology: Terminology) -> None:
    for code in ("6130", "2119365"):
        match = terminology.drug(coded((RXNORM, code)))
        assert match is not None
        assert match.route is None


def test_veterinary_and_historical_products_are_still_read(terminology: Terminology) -> None:
    match = terminology.drug(coded((RXNORM, "1087926")))
    assert match is not None
    assert match.names == {"ketamine"}
    assert "veterinary_product" in match.classes
    assert not terminology.prescribable("2605719")
    assert terminology.drug(coded((RXNORM, "2605719"))) is not None
    assert terminology.prescribable("312941")
    assert not terminology.prescribable("1")


@pytest.mark.parametrize(
    ("code", "classes", "not_classes"),
    [
        ("N02AE01", {"buprenorphine"}, {"oud_treatment"}),
        ("N07BC01", {"oud_treatment"}, set()),
    ],
)
def test_atc_tells_the_use(
    code: str, classes: set[str], not_classes: set[str], terminology: Terminology
) -> None:
    match = terminology.drug(coded((ATC, code)))
    assert match is not None
    assert classes <= match.classes
    assert not not_classes & match.classes


CONDITION_CODES = [
    (CM, "F33.2", {"mdd_any", "mdd_recurrent", "mdd_severe_no_psychosis", "depression_any"}, set()),
    (CM, "F332", {"mdd_any"}, set()),
    (CM, "f33.2 ", {"mdd_any"}, set()),
    (CM, "F32.A", {"depression_any", "depression_unspecified"}, {"mdd_any"}),
    (CM, "F33.42", {"mdd_any", "mdd_remission"}, set()),
    (CM, "F32.81", {"premenstrual_dysphoric_disorder"}, {"mdd_any", "depression_any"}),
    (CM, "F32", {"depression_any"}, {"mdd_any"}),
    (CM, "F10.2", {"alcohol_use_disorder_active"}, {"alcohol_use_disorder_remission"}),
    (CM, "F10.21", {"alcohol_use_disorder_remission"}, {"alcohol_use_disorder_active"}),
    (CM, "I71.99", {"aneurysmal_vascular_disease"}, set()),  # not in any edition: by category
    (CM, "Q28.2", {"arteriovenous_malformation"}, set()),
    (WHO, "F33.2", {"mdd_any", "mdd_recurrent"}, set()),
    (WHO, "F32.9", {"depression_unspecified"}, {"mdd_any"}),
    (WHO, "F10.20", {"alcohol_use_disorder_remission"}, {"alcohol_use_disorder_active"}),
    (WHO, "F10.24", {"alcohol_use_disorder_active"}, {"alcohol_use_disorder_remission"}),
    (WHO, "F11.3", {"opioid_use_disorder_active"}, set()),
    (WHO, "X64", {"suicide_attempt_or_self_harm"}, set()),
    (WHO, "F10.4", {"alcohol_withdrawal", "delirium"}, set()),
    (WHO, "F10.75", {"substance_induced_psychosis"}, {"dementia"}),
    (WHO, "F10.73", {"dementia"}, {"substance_induced_psychosis"}),
    # codes that ICD-10-CM does not have, or splits
    (WHO, "Z33", {"pregnancy_current"}, set()),
    (WHO, "Z33!", {"pregnancy_current"}, set()),  # ICD-10-GM marks a code that stands beside
    (WHO, "Z32.1", {"pregnancy_current"}, set()),
    (WHO, "Z34", {"pregnancy_current"}, set()),
    (WHO, "Z35", {"pregnancy_current"}, set()),
    (WHO, "Z35.8", {"pregnancy_current"}, set()),
    (WHO, "O09.2!", {"pregnancy_current"}, set()),
    (WHO, "O11", {"pregnancy_current", "hypertension_in_pregnancy"}, set()),
    (WHO, "O14.1", {"pregnancy_current", "hypertension_in_pregnancy"}, set()),
    (WHO, "O15.2", {"hypertension_in_pregnancy"}, {"pregnancy_current"}),  # in the puerperium
    (WHO, "O16", {"pregnancy_current", "hypertension_in_pregnancy"}, set()),
    (WHO, "O06.9", {"pregnancy_current"}, set()),
    (WHO, "F00.1", {"dementia"}, set()),
    (WHO, "F05.0", {"delirium"}, {"dementia"}),
    (WHO, "F05.1", {"delirium", "dementia"}, set()),
    (WHO, "G41.9", {"status_epilepticus"}, set()),
    (WHO, "I25.4", {"aneurysmal_vascular_disease"}, set()),
    (WHO, "I25.3", set(), {"aneurysmal_vascular_disease_history"}),
    (WHO, "I64", {"stroke"}, set()),
    (WHO, "J46", {"asthma"}, set()),
    (WHO, "S06.33", {"intracerebral_hemorrhage"}, set()),
    (CM, "S06.33", {"head_injury"}, {"intracerebral_hemorrhage"}),
    (WHO, "Z91.5", {"suicide_attempt_history"}, set()),
    (SNOMED, "370143000", {"mdd_any"}, set()),
    (SNOMED, "292165004", {"ketamine_allergy_or_adverse_reaction"}, {"ketamine_misuse"}),
    (SNOMED, "295510002", {"ketamine_misuse"}, {"ketamine_allergy_or_adverse_reaction"}),
]


@pytest.mark.parametrize(
    ("system", "code", "sets", "not_sets"),
    CONDITION_CODES,
    ids=lambda v: v[:40] if isinstance(v, str) else "-".join(sorted(v)),
)
def test_a_condition_code(
    system: str, code: str, sets: set[str], not_sets: set[str], terminology: Terminology
) -> None:
    match = terminology.condition(coded((system, code)))
    assert sets <= match.sets
    assert not not_sets & match.sets


@pytest.mark.parametrize("code", ["I77.0", "Z13.31", "F99", "nonsense", "F"])
def test_codes_that_are_in_no_set(code: str, terminology: Terminology) -> None:
    assert not terminology.condition(coded((CM, code)))


@pytest.mark.parametrize("code", ["Z32.0", "Z32.2", "Z36", "O04.9", "O80", "F99", "Z90.7"])
def test_codes_of_the_who_that_are_in_no_set(code: str, terminology: Terminology) -> None:
    assert not terminology.condition(coded((WHO, code)))


@pytest.mark.parametrize(
    ("system", "code", "title", "meant"),
    [
        (WHO, "N33.0", "Tuberculous cystitis", {"cystitis_any"}),
        (CM, "N33.0", "Tuberculous cystitis", {"cystitis_any"}),  # no title of that code there
        (CM, "A18.12", "Tuberculosis of bladder", set()),
        (CM, "A06.81", "Amebic cystitis", set()),  # its title: it is listed, and not among these
        (
            CM,
            "A06.81",
            "Amebic infection with interstitial cystitis",
            {"cystitis_any", "cystitis_interstitial"},
        ),
        (CM, "M85.50", "Aneurysmal bone cyst, unspecified site", set()),
        (WHO, "Z32.0", "Pregnancy, not (yet) confirmed", set()),
        (WHO, "P29.0", "Neonatal cardiac failure", set()),
        (WHO, "M85.5", "Aneurysmal bone cyst", set()),
        # no code of vessels: the words count, and are doubted
        (WHO, "M85.4", "Aneurysm of the aorta", {"aneurysmal_vascular_disease", "suspected"}),
    ],
)
def test_a_title_is_read_where_the_edition_is_not_listed_in_full(
    system: str, code: str, title: str, meant: set[str], terminology: Terminology
) -> None:
    coding = {"system": system, "code": code, "display": title}
    assert terminology.condition({"coding": [coding]}).sets == meant


def test_c2_a_dialysis_fistula_is_no_malformation(terminology: Terminology) -> None:
    for concept in (
        coded((CM, "I77.0"), text="Arteriovenous fistula, acquired"),
        coded((SNOMED, "234207004")),
        {"text": "Arteriovenous fistula for dialysis access"},
    ):
        assert "arteriovenous_malformation" not in terminology.condition(concept).sets


def test_the_title_of_an_icd_code_without_a_set_is_not_read_as_text(
    terminology: Terminology,
) -> None:
    display = "Encounter for observation for suspected depression"
    concept = {"coding": [{"system": CM, "code": "Z03.89", "display": display}], "text": display}
    assert not terminology.condition(concept)


def test_codings_without_a_common_set_are_reported(terminology: Terminology) -> None:
    match = terminology.condition(coded((CM, "F33.2"), (SNOMED, "38341003")))
    assert {"mdd_any", "hypertension_any"} <= match.sets
    assert len(match.disagreement) == 1


@pytest.mark.parametrize(
    ("system", "code", "kind"),
    [
        (systems.LOINC, "29463-7", "body_weight"),
        ("http://loinc.org/", "44261-6", "phq9_total"),
        (systems.LOINC, "11449-6", None),  # nobody has checked it: off until a site maps it
        (systems.LOINC, "0-0", None),
    ],
)
def test_an_observation_code(
    system: str, code: str, kind: str | None, terminology: Terminology
) -> None:
    assert terminology.observation(coded((system, code))).sets == ({kind} if kind else frozenset())


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (systems.CPT, "90870", "ect"),
        (systems.HCPCS, "G2083", "esketamine_administration"),
        (systems.HCPCS, "J0013", None),  # unverified
        (systems.ICD10PCS, "GZB2ZZZ", "ect"),
        (SNOMED, "23835007", "ect"),
        (systems.CPT, "96365", "parenteral_administration_nonspecific"),
    ],
)
def test_a_procedure_code(
    system: str, code: str, name: str | None, terminology: Terminology
) -> None:
    assert terminology.procedure(coded((system, code))).sets == ({name} if name else frozenset())


@pytest.mark.parametrize("local", [1, 2])
def test_a_display_on_the_concept_itself_is_a_name_too(
    terminology: Terminology, local: int
) -> None:
    codings = [("urn:local", str(n)) for n in range(local)]
    assert said(terminology.drug(coded(*codings) | {"display": "ketamine"})) == ["ketamine"]
