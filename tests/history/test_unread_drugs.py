"""A drug that could not be read is unknown and never absent: a total with a hole is no total."""

from __future__ import annotations

from typing import Any

import pytest

from cds.terminology.lookup import load_terminology
from cds.terminology.text.other_drugs import OtherDrugs
from tests.charts.fhir import RXNORM, concept, on_day, one_patient

TERMINOLOGY = load_terminology()
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
ATC = "http://www.whocc.no/atc"


def taken(drug: Any, daily: float | None = None, **fields: Any) -> dict[str, Any]:
    """An active order since August of a concept (or of its text), so many mg a day."""
    dose = {"value": daily or 1, "unit": "mg" if daily else "tab"}
    key = "medicationReference" if "reference" in drug else "medicationCodeableConcept"
    code = {"text": drug} if isinstance(drug, str) else drug
    found = {
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
        "authoredOn": "2026-08-01", key: code,
        "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": dose}],
        }],
    }  # fmt: skip
    return found | fields


def history(*drugs: dict[str, Any]) -> Any:
    numbered = [{**drug, "id": f"m{n}"} for n, drug in enumerate(drugs)]
    return on_day(one_patient(*numbered), TERMINOLOGY)


DOLOREX = taken("Dolorex Forte TAB")
NOWHERE = taken({"reference": "Medication/not-sent"})

UNREAD = {
    "a name nobody knows": (DOLOREX, "“Dolorex Forte TAB”"),
    "a local code with it": (taken(concept(LOCAL, "44812", "Zolmex 40")), "“Zolmex 40” (44812)"),
    "a local code alone": (taken(concept(LOCAL, "44812")), "44812"),
    "a reference to nowhere": (NOWHERE, "an entry without a name"),
    "the reference has a name": (
        taken({"reference": "Medication/x", "display": "Painaway"}), "“Painaway”",
    ),
    "an NDC that no table has": (
        taken(concept("http://hl7.org/fhir/sid/ndc", "99999-9999-99")), "99999-9999-99",
    ),
    "SNOMED CT is not held in full": (
        taken(concept("http://snomed.info/sct", "999999999", "Dolorex")), "“Dolorex”",
    ),
    "no RxNorm code": (taken(concept(RXNORM, "OXY-10", "Dolorex")), "“Dolorex” (OXY-10)"),
    "an opioid group of ATC": (taken(concept(ATC, "N02AA99")), "N02AA99"),
    "nothing at all": (taken({"text": ""}), "an entry without a name"),
    "an ingredient that nobody knows": (
        taken({"reference": "#x"}, contained=[
            {"resourceType": "Medication", "id": "x", "ingredient": [
                {"itemCodeableConcept": {"text": "dolorexine"}}]},
        ]), "“dolorexine”",
    ),
    "a known drug with an unknown one": (taken("Dolorex/simvastatin 20 mg"), "Dolorex"),
    "behind a known other": (taken("vitamin D and Zolmex"), "Zolmex"),
    "and a comma": (taken("Zolmex, senna"), "Zolmex"),
    "an RxNorm code of no table": (taken(concept(RXNORM, "99999999", "Zolmex")), "“Zolmex”"),
    "an RxNorm code newer than the tables": (taken(concept(RXNORM, "99999999")), "99999999"),
    "a drug in a fluid": (taken("Dolorex in normal saline"), "Dolorex"),
    "a fluid with a drug": (taken("Sodium chloride 0.9% with Dolorex 50 mg"), "Dolorex"),
    "behind a hyphen": (taken("simvastatin-dolorexine"), "dolorexine"),
    "the salt of an unknown drug": (taken("Dolorex calcium 10 mg"), "Dolorex"),
    "a supply and an unknown word": (taken("Dolorex dressing"), "Dolorex"),
    "a pump may hold anything": (taken("pain pump"), "pain pump"),
    "so may a kit": (taken("comfort kit"), "comfort kit"),
    "two drugs under one name": (taken("Kalma 2 mg"), "Kalma"),
}  # fmt: skip


@pytest.mark.parametrize(("drug", "label"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_may_be_anything(drug: dict[str, Any], label: str) -> None:
    found = history(drug)
    assert found.medications == ()
    (unread,) = found.unread_drugs
    assert label in unread.label
    opioids, sedatives = found.opioids, found.sedatives
    assert (opioids.mme_per_day, opioids.at_least, opioids.tolerant) == (None, 0, None)
    assert (sedatives.diazepam_equivalent_mg_per_day, sedatives.at_least) == (None, 0)
    assert label in opioids.problems[0]
    assert label in sedatives.problems[0]


OTHER = {
    "a statin by RxNorm": taken(concept(RXNORM, "617312", "atorvastatin 20 MG Oral Tablet")),
    "RxNorm without a name": taken(concept(RXNORM, "314231")),
    "RxNorm beside a local code": taken(
        {"coding": [{"system": LOCAL, "code": "9"}, {"system": RXNORM, "code": "855332"}]}
    ),
    "warfarin": taken("Warfarin 5 mg"),
    "metformin": taken("METFORMIN HCL 500MG TABS"),
    "a brand": taken("Glucophage XR 500"),
    "a local code with a known name": taken(concept(LOCAL, "44812", "amlodipine 5 mg")),
    "a vitamin": taken("Vitamin D3 1000 IU daily"),
    "insulin": taken("insulin glargine 100 units/mL pen"),
    "two of them": taken("valsartan/simvastatin"),
    "a British combination": taken("co-careldopa 25/100"),
    "by comma": taken("bisacodyl, senna"),
    "with its maker": taken("Metformin HCl 500 MG, Mylan"),
    "with its brand": taken("simvastatin 20 mg (Simvador)"),
    "with food": taken("metformin 500 mg with meals and at bedtime"),
    "with minerals": taken("multivitamin with iron and fluoride"),
    "with what it is for": taken("omeprazole 20 mg, stomach protection"),
    "RxNorm and a part that is on the list": taken(concept(RXNORM, "9", "simvastatin/dolorexine")),
    "metered": taken("Ventolin 100 mcg/actuation"),
    "by ATC": taken(concept(ATC, "C10AA01")),
    "saline": taken("Sodium chloride 0.9% infusion"),
    "a fluid": taken("Lactated Ringer's 1000 mL"),
    "test strips": taken("Blood glucose test strips"),
    "a supply": taken("compression stockings, below knee"),
    "a device of a known brand": taken("Aerochamber Plus with mask"),
    "a salt alone": taken("Calcium 600 + D"),
    "by hyphen": taken("norethindrone-ethinyl estradiol 1 mg-20 mcg"),
    "a biologic with its suffix": taken("insulin glargine-yfgn 100 unit/mL"),
    "a strength for each dose": taken("Salbutamol 100micrograms/dose inhaler CFC free"),
    "two strengths": taken("Enstilar 50micrograms/g / 0.5mg/g cutaneous foam"),
    "in German": taken("Allopurinol-ratiopharm 300 mg, Prednisolon 5 mg"),
    "with an umlaut": taken("Folsäure 5 mg"),
    "by a reference": taken({"reference": "Medication/x", "display": "simvastatin 40 mg"}),
    "a denied entry": taken("no opioids"),
    "nothing": taken("none"),
}


@pytest.mark.parametrize("drug", OTHER.values(), ids=OTHER)
def test_another_drug_is_no_hole(drug: dict[str, Any]) -> None:
    found = history(drug)
    assert found.unread_drugs == ()
    assert (found.opioids.mme_per_day, found.opioids.tolerant) == (0, False)
    assert found.sedatives.diazepam_equivalent_mg_per_day == 0


BESIDE = {
    # short for a drug, behind any join
    "APAP/oxy 325/10": "oxy", "oxy/APAP 10/325": "oxy", "HC/APAP 10/325": "HC", "ASA/oxy": "oxy",
    "acetaminophen-cod 300-30": "cod", "promethazine/cod": "cod", "bup/naloxone 8-2 mg": "bup",
    "metoprolol, GHB": "GHB", "lisinopril with ket": "ket", "naproxen; morph": "morph",
    "Tylenol PM + oxy 10": "oxy", "ibuprofen & oxy": "oxy", "ibuprofen/hc 200/7.5": "hc",
    # a short word that nobody knows, where little else stands
    "metoprolol/PHB": "PHB", "ibuprofen + xyl 1 mg": "xyl", "aspirin and qz": "qz",
    "warfarin plus zol": "zol",
    # cut short by a hyphen
    "metoprolol-dolorexine": "dolorexine",
    # told of, and not named
    "omeprazole plus unknown opioid": "unknown opioid", "omeprazole and pain pill": "pain pill",
    "metoprolol; sleeping pill": "sleeping pill", "lisinopril + MAO": "MAO",
    "amlodipine plus unknown benzo": "unknown benzo", "lisinopril plus other meds": "other meds",
    "lisinopril, unknown antidepressant": "unknown antidepressant",
    "lisinopril with unknown MAO inhibitor": "unknown MAO inhibitor",
    "omeprazole and home meds": "home meds", "warfarin plus study drug": "study drug",
    # a name with a word behind it is another product
    "Tylenol 4": "Tylenol 4", "Tylenol No. 3": "Tylenol No. 3",
    "Tylenol Cold": "Tylenol Cold", "Tylenol Cough": "Tylenol Cough", "Aspirin Complex": "Complex",
    "Paracetamol comp. Stada": "comp", "Alka-Seltzer Plus": "Alka-Seltzer Plus",
    "Nurofen Cold & Flu": "Nurofen Cold", "ibuprofen PM": "ibuprofen PM",
}  # fmt: skip


@pytest.mark.parametrize(("text", "part"), BESIDE.items(), ids=BESIDE)
def test_what_stands_beside_a_known_drug_is_named(text: str, part: str) -> None:
    found = history(taken(text))
    assert found.medications
    (unread,) = found.unread_drugs
    assert part in unread.label
    assert found.opioids.mme_per_day is None
    assert found.sedatives.diazepam_equivalent_mg_per_day is None


BESIDE_OTHERS = [
    "senna and oxy", "saline/ket 100 mg", "metformin (and oxy)", "simvastatin, sleeping pill",
    "simvastatin plus unknown opioid", "metformin 500 mg, other meds", "Mucinex Cold",
    "Zyrtec Decongestant", "Claritin Sinus",
]  # fmt: skip


@pytest.mark.parametrize("text", BESIDE_OTHERS)
def test_nor_is_it_silent_beside_another_drug(text: str) -> None:
    (unread,) = history(taken(text)).unread_drugs
    assert text in unread.label


NOTHING_BESIDE = [
    "metoprolol 50 mg AM and HS", "metoprolol tartrate 25 mg IV/PO", "insulin NPH/reg",
    "ibuprofen 200 mg q4h/prn", "valsartan/HCTZ", "zolpidem, sleeping pill", "ibuprofen, pain pill",
    "oxycodone 5 mg, narcotic", "naloxone 4 mg (opioid antagonist)", "lidocaine/hc cream",
    "neomycin-polymyxin-HC otic", "naloxone nasal, for opioid overdose", "apo-metoprolol 50",
    "metoprolol-ratiopharm 50", "oxycodone-acetaminop 5-325", "losartan-hydrochlorothiaz 50-12.5",
    "Tylenol", "Tylenol 2 tabs prn", "Tylenol Extra Strength", "Tylenol PM", "Panadol Osteo",
    "Claritin", "Zyrtec 10", "Mucinex 600", "Advil 2 tablets", "Aspirin plus C", "Centrum Plus",
    "epinephrine auto-injector", "sertraline, take with other meds", "calcium/mag/zinc",
    "carbidopa-levodop 25-100",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING_BESIDE)
def test_a_remark_or_a_measure_is_no_further_drug(text: str) -> None:
    assert history(taken(text)).unread_drugs == ()


def mixed(*ingredients: dict[str, Any], **medication: Any) -> dict[str, Any]:
    parts = [{"itemCodeableConcept": item} for item in ingredients]
    held = {"resourceType": "Medication", "id": "x", "ingredient": parts} | medication
    return taken({"reference": "#x"}, 5, contained=[held])


MIXED = {
    "one is not known": (
        mixed({"text": "morphine"}, {"text": "dolorexine"}), {"morphine"}, ["“dolorexine”"],
    ),
    "one is no drug that a rule asks about": (
        mixed({"text": "morphine"}, {"text": "simvastatin"}), {"morphine"}, [],
    ),
    "one by a code of RxNorm": (
        mixed({"text": "morphine"}, concept(RXNORM, "314231")), {"morphine"}, [],
    ),
    "a fluid": (mixed({"text": "morphine"}, {"text": "sodium chloride 0.9%"}), {"morphine"}, []),
    "the code of the product tells the whole": (
        mixed({"text": "opium"}, {"text": "filler B"}, code=concept(RXNORM, "1049683")),
        {"oxycodone", "opium"}, [],
    ),
    "all known": (mixed({"text": "morphine"}, {"text": "ketamine"}), {"ketamine", "morphine"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("drug", "known", "unread"), MIXED.values(), ids=MIXED)
def test_an_ingredient_that_cannot_be_read_is_named(
    drug: dict[str, Any], known: set[str], unread: list[str]
) -> None:
    found = history(drug)
    assert {course.ingredient for course in found.medications} == known
    assert [one.label for one in found.unread_drugs] == unread


BESIDE_KNOWN = {
    # a name that is read, and what is joined to it
    "Dolorex / paracetamol": ["Dolorex"],
    "Zolmex with lansoprazole cover": ["Zolmex"],
    "Zolmex (contains paracetamol)": ["Zolmex"],
    "aspirin with Zolmex": ["Zolmex"],
    "aspirin 81 mg EC tablet": [],
    "lisinopril 10 mg tablet (Zestril)": [],
    "Zestril (lisinopril) 10 mg": [],
    "lisinopril and hydrochlorothiazide 20-12.5 mg": [],
    "aspirin 81 mg, Zolmex brand": [],  # a remark or a maker stands behind a comma as well
    "sertraline 50 mg with food": [],
    "oxycodone 5 mg with bowel regimen": [],
    "clonazepam 0.5 mg with panic attacks": [],
    "lidocaine with epinephrine 1:100,000": [],
    "aspirin, not with Zolmex": [],
}


@pytest.mark.parametrize(("text", "unread"), BESIDE_KNOWN.items(), ids=BESIDE_KNOWN)
def test_what_is_joined_to_a_known_drug_is_no_part_of_it(text: str, unread: list[str]) -> None:
    found = history(taken(text))
    assert found.medications
    assert [one.name for one in found.unread_drugs] == unread
    if unread:
        assert found.opioids.mme_per_day is None
        assert found.sedatives.diazepam_equivalent_mg_per_day is None


TODAY = "2026-11-22"
OVER = {
    "completed in August": (DOLOREX | {"status": "completed"}, False),
    "active": (DOLOREX, True),
    "never given": (DOLOREX | {"status": "cancelled"}, False),
    "entered in error": (DOLOREX | {"status": "entered-in-error"}, False),
    "stopped": (DOLOREX | {"status": "stopped"}, False),
    "on hold": (DOLOREX | {"status": "on-hold"}, True),
    "dated tomorrow": (DOLOREX | {"authoredOn": "2026-11-23"}, False),
    "dated today": (DOLOREX | {"authoredOn": TODAY}, True),
    "without any date": (DOLOREX | {"authoredOn": None}, True),
}


@pytest.mark.parametrize(("drug", "hole"), OVER.values(), ids=OVER)
def test_only_what_may_be_taken_today_leaves_a_hole(drug: dict[str, Any], hole: bool) -> None:
    found = history(drug)
    assert found.opioids.mme_per_day == (None if hole else 0)
    assert found.sedatives.diazepam_equivalent_mg_per_day == (None if hole else 0)


OXYCODONE = concept(RXNORM, "1049683", "oxycodone hydrochloride 30 MG Oral Tablet")
DIAZEPAM = concept(RXNORM, "197591", "diazepam 5 MG Oral Tablet")
AS_WRITTEN = [{"text": "per the blue sheet"}]
BESIDE = {
    # what stands beside 120 mg/d of oxycodone: total, at least, tolerant
    "nothing": ((), 180, 180, True),
    "an unread tablet": ((DOLOREX,), None, 180, True),
    "a statin": ((taken("simvastatin 20 mg"),), 180, 180, True),
    "an opioid of unknown dose": (
        (taken("morphine ER 30 mg tablet", dosageInstruction=AS_WRITTEN),), None, 180, True,
    ),
    "an opioid that is perhaps taken": (
        (taken("hydromorphone 2 mg tablet - stopped?"),), None, 180, True,
    ),
    "buprenorphine, in no total": (
        (taken("buprenorphine 8 mg sublingual tablet"),), 180, 180, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("others", "total", "at_least", "tolerant"), BESIDE.values(), ids=BESIDE)
def test_at_least_stands_beside_a_hole(
    others: tuple[dict[str, Any], ...], total: int | None, at_least: int, tolerant: bool
) -> None:
    found = history(taken(OXYCODONE, 120), *others).opioids
    assert (found.mme_per_day, found.at_least) == (total, at_least)
    assert found.tolerant is tolerant
    assert found.timeline[-1][1] == total
    assert found.timeline_at_least[-1][1] == at_least


@pytest.mark.parametrize(
    ("daily", "tolerant"), [(29, None), (30, True), (31, True)], ids=["below", "at", "above"]
)
def test_tolerance_that_holds_whatever_the_unread_drug_is_stays(
    daily: int, tolerant: bool | None
) -> None:
    assert history(taken(OXYCODONE, daily), DOLOREX).opioids.tolerant is tolerant


@pytest.mark.parametrize(
    ("others", "total", "at_least"),
    [
        ((), 10, 10),
        ((DOLOREX,), None, 10),
        ((taken("clonazepam 1 mg tablet", dosageInstruction=AS_WRITTEN),), None, 10),
        ((taken("metformin 500 mg"),), 10, 10),
    ],
    ids=["alone", "an unread drug", "one of unknown dose", "metformin"],
)
def test_the_same_of_benzodiazepines(
    others: tuple[dict[str, Any], ...], total: int | None, at_least: int
) -> None:
    found = history(taken(DIAZEPAM, 10), *others).sedatives
    assert (found.diazepam_equivalent_mg_per_day, found.at_least) == (total, at_least)


def test_an_order_and_its_dispense_are_one_unread_drug() -> None:
    dispense = {
        "resourceType": "MedicationDispense", "status": "completed",
        "medicationCodeableConcept": {"text": "Dolorex Forte TAB"},
        "whenHandedOver": "2026-11-01", "daysSupply": {"value": 30, "unit": "days"},
    }  # fmt: skip
    (drug,) = history(DOLOREX, dispense).unread_drugs
    assert drug.current is True
    assert set(drug.source) == {"MedicationRequest/m0", "MedicationDispense/m1"}


@pytest.mark.parametrize(
    ("days", "long"), [(27, False), (28, True), (29, True)], ids=["below", "at", "above"]
)
def test_how_long_it_may_have_been_taken(days: int, long: bool) -> None:
    over = DOLOREX | {"status": "completed"}
    over["dispenseRequest"] = {"expectedSupplyDuration": {"value": days, "unit": "d", "code": "d"}}
    (drug,) = history(over).unread_drugs
    assert drug.lasted(28) is long
    assert drug.current is False


def test_a_drug_that_the_tables_know_leaves_the_list_by_itself() -> None:
    assert OtherDrugs(lambda words: False).named("Simvastatin 20 mg") == "simvastatin"
    assert OtherDrugs(lambda words: words == ("simvastatin",)).named("Simvastatin 20 mg") is None


def test_no_name_of_the_lists_is_that_of_a_drug_which_a_rule_asks_about() -> None:
    names = {" ".join(name) for name in TERMINOLOGY._drugs.others._lists.names}
    assert len(names) > 5000
    assert not [name for name in names if TERMINOLOGY.drug({"text": name}) is not None]
    assert not [name for name in names if not TERMINOLOGY._drugs.names.names_none(name)]


CODE_OF_ANOTHER = [
    # a code of a drug no rule asks about, its display, the text; the total
    ("83367", None, "oxycodone 10 mg tablet", None),
    ("314231", None, "morphine 15 mg tablet", None),
    ("83367", "atorvastatin", "oxycodone 10 mg tablet", None),
    # a code that is not held, with a display that agrees: the sender's own name of it
    ("83367", "oxycodone 10 mg tablet", "oxycodone 10 mg tablet", 15),
    ("99999999", None, "oxycodone 10 mg tablet", 15),  # newer than the tables: it may be that
    ("83367", None, "atorvastatin 10 mg", 0),
]


@pytest.mark.parametrize(("code", "display", "text", "total"), CODE_OF_ANOTHER)
def test_a_code_of_another_drug_under_the_name_of_an_opioid(
    code: str, display: str | None, text: str, total: int | None
) -> None:
    coded = (
        concept(RXNORM, code, display, text=text) if display else concept(RXNORM, code, text=text)
    )
    found = history(taken(coded, 10))
    assert found.opioids.mme_per_day == total
    contradicted = [line for course in found.medications for line in course.contradiction]
    assert bool(contradicted) is (total is None)
