"""Every regimen at five weights, and every reason for no dose."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from order_cases import case, offering

from cds.assessment.dose import propose
from cds.assessment.model import Candidacy, Criterion, DoseProposal, Finding
from cds.assessment.order_check.situation import Situation
from cds.knowledge.load import Knowledge, load_knowledge
from tests.replaced import replace
from tests.rows import read_table

LABELLED = (
    "esk-trd-us-induction", "esk-trd-us-w5-8", "esk-trd-us-maint", "esk-trd-eu", "esk-trd-eu-65",
    "esk-mdsi-us",
)  # fmt: skip
OFFERED = offering(
    *LABELLED, "iv-std-acute", "iv-maint-phillips", "iv-older", "crps_outpatient",
    "crps_outpatient_maintenance", "sci_amr",
)  # fmt: skip
SCENARIOS = Path(__file__).parents[1] / "scenarios" / "orders"
WEIGHTS = ("45", "70", "70.2", "100", "160")


def met(row: str, **changes: Any) -> Candidacy:
    made = Candidacy(row.split(":")[1], (row,), "met", "supported")
    return replace(made, **changes)


def doses(row: dict[str, Any], *judged: Candidacy, found: tuple[Finding, ...] = ()) -> Any:
    return propose(Situation.of(case(row, OFFERED)), judged or (met("psy:trd-unipolar"),), found)


IV = {"order": "IV"}
ESKETAMINE = {"order": "", "product": "esketamine device"}
SIX = {"past": [{"days_ago": 4 + 3 * n} for n in range(6)]}
TEN = {"past": [{"days_ago": 4 + n} for n in range(10)]}

# regimen, order, indication, minutes, then (dose mg, rate mg/h) at 45, 70, 70.2, 100 and 160 kg;
# a dose whose time no source gives is none: by vein it would read as a push
BY_WEIGHT = [
    ("iv-std-acute", IV, "psy:trd-unipolar", 40,
     [("22.5", "33.75"), ("35", "52.5"), ("35.1", "52.65"), ("50", "75"), ("80", "120")]),
    ("iv-maint-phillips", IV | SIX, "psy:trd-unipolar", 40,
     [("22.5", "33.75"), ("35", "52.5"), ("35.1", "52.65"), ("50", "75"), ("80", "120")]),
    ("iv-older", IV | {"age": 70}, "psy:older-adult-trd", 40,
     [("22.5", "33.75"), ("35", "52.5"), ("35.1", "52.65"), ("50", "75"), ("80", "120")]),
    ("crps_outpatient", IV | {"for": "crps"}, "pain:crps", 240,
     [("63", "15.75"), ("98", "24.5"), ("98.28", "24.57"), ("100", "25"), ("100", "25")]),
    ("crps_outpatient_maintenance", IV | TEN | {"for": "crps"}, "pain:crps", 240,
     [(None, None), ("100", "25"), ("100", "25"), ("100", "25"), ("100", "25")]),
    ("sci_amr", IV | {"for": "neuropathy"}, "pain:sci_pain", 300,
     [("80", "16"), ("80", "16"), ("80", "16"), ("80", "16"), ("80", "16")]),
    ("neuropathic_single", IV | {"for": "neuropathy"}, "pain:neuropathic_mixed", None,
     [(None, None)] * 5),
    ("phn_bolus", IV | {"for": "phn"}, "pain:phn", None,
     [(None, None)] * 5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("regimen", "row", "indication", "minutes", "kg", "expected"),
    [
        pytest.param(regimen, row, indication, minutes, kg, numbers, id=f"{regimen} at {kg} kg")
        for regimen, row, indication, minutes, by_weight in BY_WEIGHT
        for kg, numbers in zip(WEIGHTS, by_weight, strict=True)
    ],
)
def test_regimens_by_weight(
    regimen: str,
    row: dict[str, Any],
    indication: str,
    minutes: int | None,
    kg: str,
    expected: tuple[str | None, str | None],
) -> None:
    stance = "supported" if indication.startswith("psy:") else "weak"
    (dose,) = doses(row | {"kg": kg}, met(indication, stance=stance))
    assert dose.regimen == regimen
    mg, rate = (None if text is None else Decimal(text) for text in expected)
    assert dose.dose_mg == mg
    assert dose.rate_mg_per_h == rate
    assert dose.duration_min == minutes
    assert (dose.why_not is None) == (mg is not None)
    assert dose.recommended == (mg is not None and minutes is not None)


def test_the_example_of_the_contract() -> None:
    (dose,) = doses(IV | {"kg": "70.2", "product": "ketamine"})
    assert dose.basis == ("psy:iv-std-acute",)
    assert (dose.drug, dose.route) == ("ketamine", "intravenous")
    assert (dose.dose_mg, dose.duration_min, dose.rate_mg_per_h) == (
        Decimal("35.1"), Decimal(40), Decimal("52.65"),
    )  # fmt: skip
    assert dose.weight_basis == "actual"
    assert dose.dose_mg_high is dose.volume_ml is dose.why_not is None


@pytest.mark.parametrize(
    ("changes", "jurisdiction", "indication", "expected"),
    [
        ({}, "us", "psy:trd-unipolar", ("esk-trd-us-induction", 56, None, 2)),
        ({"past": [{"drug": "esketamine", "days_ago": 3}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-induction", 56, 84, 2)),
        ({"past": [{"drug": "esketamine", "days_ago": 3, "mg": 84}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-induction", 84, None, 3)),
        ({"past": [{"drug": "esketamine", "days_ago": 27}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-induction", 56, 84, 2)),
        ({"past": [{"drug": "esketamine", "days_ago": 28}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-w5-8", 56, 84, 2)),
        ({"past": [{"drug": "esketamine", "days_ago": d} for d in (56, 30, 7)]}, "us",
         "psy:trd-unipolar", ("esk-trd-us-maint", 56, 84, 2)),
        ({"past": [{"drug": "esketamine", "days_ago": 200, "mg": 84}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-induction", 56, None, 2)),
        ({"past": [{"drug": "ketamine", "days_ago": 30, "mg": 35}]}, "us", "psy:trd-unipolar",
         ("esk-trd-us-induction", 56, None, 2)),
        ({}, "us", "psy:mdd-acute-suicidality", ("esk-mdsi-us", 84, None, 3)),
        ({"past": [{"drug": "esketamine", "days_ago": 28, "mg": 84}]}, "us",
         "psy:mdd-acute-suicidality", ("esk-mdsi-us", None, None, None)),
        ({}, "eu", "psy:trd-unipolar", ("esk-trd-eu", 56, None, 2)),
        ({"age": 65}, "eu", "psy:older-adult-trd", ("esk-trd-eu-65", 28, None, 1)),
        ({"age": 65, "past": [{"drug": "esketamine", "days_ago": 3, "mg": 28}]}, "eu",
         "psy:older-adult-trd", ("esk-trd-eu-65", 28, 84, 1)),
        ({"age": 70}, "us", "psy:trd-unipolar", ("esk-trd-us-induction", 56, None, 2)),
    ],
)  # fmt: skip
def test_esketamine_by_label_and_week(
    changes: dict[str, Any], jurisdiction: str, indication: str, expected: tuple[Any, ...]
) -> None:
    row = ESKETAMINE | changes | {"site": {"jurisdiction": jurisdiction}}
    (dose,) = doses(row, met(indication))
    assert (dose.regimen, dose.dose_mg, dose.dose_mg_high, dose.devices) == expected
    assert dose.weight_basis == ("fixed" if dose.dose_mg else None)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"kg": 0}, "no weight on record"),
        ({"kg": 0, "unanswered": ["observations"]}, "the weight was not seen"),
        ({"weights": [[70, 31]]}, "31 days old"),
        ({"weights": [[720, 1]]}, "not plausible"),
        ({"weights": [[80, 1], [70, 60]]}, "went from 70 kg"),
        ({"weights": [[154, 1], [70, 600]]}, "pounds for kilograms"),
        ({"age": 17}, "under 18"),
        ({"age": None}, "age is not known"),
        ({"site": {"routes_off": ["intravenous"]}}, "switched off"),
        ({"site": {"indications_off": ["trd-unipolar"]}}, "switched off"),
    ],
)
def test_no_dose_and_why(row: dict[str, Any], why: str) -> None:
    (dose,) = doses(IV | row)
    assert dose.dose_mg is None
    assert why in (dose.why_not or "")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"verdict": "not_met", "criteria": (Criterion("trials", (), "not_met", "1 of 2"),)},
         "criteria not met for trd-unipolar: 1 of 2"),
        ({"verdict": "cannot_determine"}, "cannot be determined"),
        ({"verdict": "not_supported", "stance": "not_supported"}, "not supported"),
        ({"stance": "investigational"}, "investigational"),
    ],
)  # fmt: skip
def test_no_dose_unless_the_criteria_are_met(changes: dict[str, Any], why: str) -> None:
    (dose,) = doses(IV, met("psy:trd-unipolar", **changes))
    assert dose.regimen == "iv-std-acute"
    assert dose.dose_mg is None
    assert why in dose.why_not


@pytest.mark.parametrize(
    ("finding", "stops"),
    [
        (Finding("aneurysm", "contraindication", "critical", ()), True),
        (Finding("order-neuraxial", "order_error", "critical", ()), True),
        (Finding("mania", "caution", "warning", (), stops_dose=True), True),
        (Finding("suicidality", "caution", "critical", ()), False),
        (Finding("hypertension", "contraindication", "warning", ()), False),
        (Finding("order-duplicate", "order_error", "critical", (), order="other"), False),
    ],
)
def test_a_stop_leaves_no_dose(finding: Finding, stops: bool) -> None:
    for row, judged in [(IV, "psy:trd-unipolar"), (ESKETAMINE, "psy:trd-unipolar")]:
        (dose,) = doses(row, met(judged), found=(finding,))
        assert (dose.dose_mg is None) == stops


def test_pregnancy_leaves_no_dose() -> None:
    made = case(IV, OFFERED)
    pregnant = replace(made.history.reproductive, pregnant=True)
    made = replace(made, history=replace(made.history, reproductive=pregnant))
    (dose,) = propose(Situation.of(made), (met("psy:trd-unipolar"),), ())
    assert (dose.dose_mg, dose.why_not) == (None, "pregnancy")


@pytest.mark.parametrize(
    "row",
    [
        {"order": "by mouth", "product": "ketamine 10 mg/mL oral solution"},
        {"order": "sublingual", "product": "ketamine troche 50 mg"},
        {"order": "intranasally", "product": "ketamine"},
        {"order": "IM"},
        {"order": "SC"},
    ],
)
def test_other_routes_of_racemic_ketamine_never_get_a_dose(row: dict[str, Any]) -> None:
    (dose,) = doses(row)
    assert dose.dose_mg is None
    assert dose.route == case(row).order.route  # type: ignore[union-attr]
    if row["order"] in ("by mouth", "sublingual", "intranasally"):
        assert "FDA" in dose.why_not


@pytest.mark.parametrize("route", ["epidurally", "intrathecally", "rectally"])
def test_a_route_without_any_regimen_has_no_proposal(route: str) -> None:
    assert doses({"order": route}) == ()


def test_obesity_shows_both_weights_and_takes_the_site_s_choice() -> None:
    row = IV | {"kg": 100, "cm": 165}
    actual, ideal = doses(row)
    assert (actual.weight_basis, actual.dose_mg, actual.recommended) == ("actual", 50, True)
    assert (ideal.weight_basis, ideal.dose_mg, ideal.recommended) == (
        "ideal", Decimal("28.45"), False,
    )  # fmt: skip
    assert (ideal.rounded_mg, ideal.rounding) == (
        Decimal("28.4"), "rounded down from 28.45 mg to a multiple of 0.1 mg",
    )  # fmt: skip
    actual, ideal = doses(row | {"site": {"weight_basis_obesity": "ideal"}})
    assert (actual.recommended, ideal.recommended) == (False, True)
    *_, adjusted = doses(row | {"site": {"weight_basis_obesity": "adjusted"}})
    assert (adjusted.weight_basis, adjusted.dose_mg, adjusted.recommended) == (
        "adjusted", Decimal("37.05"), True,
    )  # fmt: skip


def test_below_the_cut_there_is_one_weight() -> None:
    assert len(doses(IV | {"kg": 80, "cm": 165})) == 1


@pytest.mark.parametrize(
    ("product", "stock", "volume", "rate"),
    [
        ("ketamine 10 mg/mL", [], "3.51", "5.265"),
        ("ketamine 50 mg/mL", [], "0.702", "1.053"),
        ("ketamine", ["50"], "0.702", "1.053"),
        ("ketamine", ["10", "50"], None, None),
        ("ketamine 10 mg/mL", ["50"], "3.51", "5.265"),
    ],
)
def test_volume_by_the_product_or_the_only_stock(
    product: str, stock: list[str], volume: str | None, rate: str | None
) -> None:
    site = {"ketamine_concentrations_mg_per_ml": stock}
    row = {"order": "IV", "product": product, "kg": "70.2", "site": site}
    dose: DoseProposal = doses(row)[0]
    assert dose.why_not is None
    assert dose.volume_ml == (None if volume is None else Decimal(volume))
    assert dose.rate_ml_per_h == (None if rate is None else Decimal(rate))


def test_the_strongest_vial_gets_a_dose_once_its_diluent_is_stated() -> None:
    (dose,) = doses(IV | {"product": "ketamine 100 mg/mL"})
    assert dose.dose_mg is None
    assert "diluted" in (dose.why_not or "")
    row = {"order": "IV in 100 mL normal saline", "product": "ketamine 100 mg/mL"}
    (dose,) = doses(row)
    assert (dose.dose_mg, dose.volume_ml) == (35, Decimal("0.35"))


def test_a_course_in_weeks_is_a_number_of_sessions() -> None:
    (dose,) = doses(IV | SIX)
    assert (dose.sessions, dose.sessions_per_week) == (4, 1)


def test_a_site_s_rounding_is_down_and_said() -> None:
    (dose,) = doses(IV | {"kg": "70.2", "site": {"round_dose_to_mg": "5"}})
    assert (dose.dose_mg, dose.rounded_mg, dose.order_mg) == (Decimal("35.1"), 35, 35)
    assert "multiple of 5 mg" in (dose.rounding or "")


def test_the_order_s_reason_decides_before_the_verdict() -> None:
    judged = (
        met("pain:crps", stance="conditional", ordered_for=True, verdict="not_met"),
        met("psy:trd-unipolar"),
    )
    (dose,) = doses(IV, *judged)
    assert (dose.regimen, dose.dose_mg) == ("crps_outpatient", None)


def test_a_regimen_for_two_indications_stands_once() -> None:
    row = ESKETAMINE | {"age": 70, "site": {"jurisdiction": "eu"}}
    (dose,) = doses(row, met("psy:trd-unipolar"), met("psy:older-adult-trd"))
    assert (dose.regimen, dose.dose_mg, dose.recommended) == ("esk-trd-eu-65", 28, True)
    standard, older = doses(IV | {"age": 70}, met("psy:trd-unipolar"), met("psy:older-adult-trd"))
    assert (standard.regimen, standard.recommended) == ("iv-std-acute", True)
    assert (older.regimen, older.recommended) == ("iv-older", False)


def test_a_site_s_usual_regimen_comes_first() -> None:
    site = {"default_regimen": {"trd-unipolar": "iv-maint-phillips"}}
    (dose,) = doses(IV | {"site": site})
    assert (dose.regimen, dose.dose_mg, dose.sessions_per_week) == ("iv-maint-phillips", 35, 1)
    (dose,) = doses(IV | {"site": {"default_regimen": {"trd-unipolar": "iv-range"}}})
    assert (dose.regimen, dose.dose_mg) == ("iv-range", None)


def test_unmet_criteria_are_named_before_the_finding_that_tells_of_them() -> None:
    told = Finding("trd-not-met", "caution", "warning", (), stops_dose=True)
    (dose,) = doses(IV, met("psy:trd-unipolar", verdict="not_met"), found=(told,))
    assert "criteria not met" in dose.why_not


def test_without_any_indication_the_standard_regimen_says_why_not() -> None:
    (dose,) = propose(Situation.of(case(IV, OFFERED)), (), ())
    assert (dose.regimen, dose.dose_mg) == ("iv-std-acute", None)
    assert "no indication" in (dose.why_not or "")


def test_every_regimen_that_is_offered_has_its_doses_in_a_table(knowledge: Knowledge) -> None:
    """In this file, or in an order of the scenarios."""
    offered = {r.id for r in knowledge.regimens.values() if r.suggests == "dose"}
    told = {
        dose["regimen"]
        for path in SCENARIOS.glob("*_orders.yaml")
        for row in read_table(path)["orders"]
        for dose in row.get("doses", ())
        if dose.get("dose_mg")
    }
    here = {regimen for regimen, *_ in BY_WEIGHT} | set(LABELLED)
    assert offered - told <= here


def test_only_verified_regimens_are_offered(knowledge: Knowledge) -> None:
    for regimen in knowledge.regimens.values():
        if regimen.suggests == "dose":
            assert regimen.dose_verified
            assert regimen.verified
        else:
            assert regimen.why_none
        assert set(regimen.sources) <= set(knowledge.sources)


# the digest's worked values at 70 kg: mg/kg/h, mg/h, then mL/h at 10, 50, 100 and 1 mg/mL
WORKED = [
    ("0.35 mg/kg/h", "0.35", "24.5", "2.45", "0.49", "0.245", "24.5"),
    ("0.5 mg/kg/h", "0.5", "35", "3.5", "0.7", "0.35", "35"),
    ("1 mg/kg/h", "1", "70", "7", "1.4", "0.7", "70"),
    ("2 mg/kg/h", "2", "140", "14", "2.8", "1.4", "140"),
    ("2 mcg/kg/min", "0.12", "8.4", "0.84", "0.168", "0.084", "8.4"),
    ("10 mcg/kg/min", "0.6", "42", "4.2", "0.84", "0.42", "42"),
    ("5 mg/kg/min", "300", "21000", "2100", "420", "210", "21000"),
    ("0.3 mg/kg/min", "18", "1260", "126", "25.2", "12.6", "1260"),
]


@pytest.mark.parametrize("worked", WORKED, ids=[w[0] for w in WORKED])
def test_worked_rates_in_every_spelling(worked: tuple[str, ...]) -> None:
    written, per_kg, per_hour, at_10, at_50, at_100, at_1 = worked
    spellings = [
        (written, "ketamine 50 mg/mL"),
        (f"{per_hour} mg/h", "ketamine 50 mg/mL"),
        (f"{at_10} mL/h", "ketamine 10 mg/mL"),
        (f"{at_50} mL/h", "ketamine 50 mg/mL"),
        (f"{at_100} mL/h", "ketamine 100 mg/mL"),
        (f"{at_1} mL/h of 1 mg/mL", "ketamine 50 mg/mL"),
    ]
    for rate, product in spellings:
        amounts = Situation.of(case({"order": f"{rate} IV", "product": product})).amounts
        assert amounts.rate_mg_per_kg_h == Decimal(per_kg), rate
        assert amounts.rate_mg_per_h == Decimal(per_hour), rate


@pytest.mark.parametrize(
    ("written", "mg", "at_10", "at_50", "at_100"),
    [("0.3 mg/kg IV", "21", "2.1", "0.42", "0.21"), ("0.5 mg/kg IV", "35", "3.5", "0.7", "0.35"),
     ("2 mg/kg IV", "140", "14", "2.8", "1.4"), ("10 mg/kg IM", "700", "70", "14", "7")],
)  # fmt: skip
def test_worked_doses_in_every_spelling(
    written: str, mg: str, at_10: str, at_50: str, at_100: str
) -> None:
    route = written.split()[-1]
    volumes = {"10": at_10, "50": at_50, "100": at_100}
    assert Situation.of(case({"order": written})).amounts.dose_mg == Decimal(mg)
    for strength, volume in volumes.items():
        row = {"order": f"{volume} mL {route}", "product": f"ketamine {strength} mg/mL"}
        assert Situation.of(case(row)).amounts.dose_mg == Decimal(mg)


def test_every_dose_by_vein_that_can_be_suggested_has_its_time() -> None:
    for regimen in load_knowledge().regimens.values():
        if regimen.suggests == "dose" and "intravenous" in regimen.routes:
            assert regimen.duration_min is not None, regimen.id


RELATIVE = Finding("positive-drug-screen", "contraindication", "warning", ())
CAUTION = Finding("older-adult", "caution", "warning", ())
WITHHELD = Finding("drug-screen-today", "contraindication", "warning", (), stops_dose=True)


@pytest.mark.parametrize(
    ("found", "mg", "recommended", "against"),
    [
        ((), 35, True, ()),
        ((CAUTION,), 35, True, ()),
        ((RELATIVE,), 35, False, ("positive-drug-screen",)),
        ((RELATIVE, CAUTION), 35, False, ("positive-drug-screen",)),
        ((WITHHELD,), None, False, ()),
    ],
    ids=["nothing", "a caution", "relative", "relative and a caution", "withheld by its row"],
)
def test_a_relative_contraindication_leaves_an_option(
    found: tuple[Finding, ...], mg: int | None, recommended: bool, against: tuple[str, ...]
) -> None:
    (dose,) = doses(IV, found=found)
    assert (dose.dose_mg, dose.recommended, dose.against) == (mg, recommended, against)
    assert dose.first_choice == (mg is not None)
