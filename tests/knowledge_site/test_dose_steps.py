"""How a dose is computed, in words: the same as the assessment computes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.hooks.knowledge_site.dose_steps import dose_steps
from cds.knowledge.load import Knowledge
from cds.knowledge.model.regimens import Regimen
from cds.units import plain
from cds.wire import decode
from tests.knowledge_site.made_site import TODAY
from tests.replaced import replace

BASE = {
    "id": "made", "name": "Made", "drug": "ketamine", "routes": "intravenous",
    "given": "infusion", "indications": "psy:example", "regulatory": "off-label", "status": "seen",
    "suggests": "dose",
}  # fmt: skip
BY_WEIGHT = {"weight_based": True, "dose_unit": "mg/kg"}


@pytest.mark.parametrize(
    ("regimen", "says"),
    [
        (BY_WEIGHT | {"dose": "0.5", "duration_min": "40"},
         "Example, at 70.2 kg: 0.5 mg/kg x 70.2 kg = 35.1 mg, which is 52.65 mg/h."),
        (BY_WEIGHT | {"dose": "0.3"},
         "Example, at 70.2 kg: 0.3 mg/kg x 70.2 kg = 21.06 mg, rounded down to 21 mg."),
        (BY_WEIGHT | {"dose": "0.2", "duration_min": "40"},
         "Example, at 70.2 kg: 0.2 mg/kg x 70.2 kg = 14.04 mg, rounded down to 14 mg, which is"
         " 21 mg/h."),
        (BY_WEIGHT | {"dose": "0.5", "max_session_mg": "35.1"},
         "Example, at 70.2 kg: 0.5 mg/kg x 70.2 kg = 35.1 mg."),
        (BY_WEIGHT | {"dose": "0.5", "max_session_mg": "35"}, "Example, at 70.2 kg: 35 mg."),
        (BY_WEIGHT | {"dose": "0.5", "max_session_mg": "35"},
         "Maximum: never above 35 mg in a session."),
        (BY_WEIGHT | {"dose": "0.5"},
         "Maximum: this regimen has none of its own; the limits of orders hold."),
        (BY_WEIGHT | {"rate_high": "0.5", "rate_unit": "mg/kg/h", "duration_min": "240",
                      "rate_cap_mg_per_h": "25"},
         "Example, at 70.2 kg: 100 mg, which is 25 mg/h."),
        ({"dose_unit": "mg", "dose": "25"}, "The dose is 25 mg, whatever the weight."),
        ({"dose_unit": "mg", "session_doses": ["56", "84"], "first_dose": "56"},
         "The first session has 56 mg; later ones keep the dose that was reached."),
    ],
)  # fmt: skip
def test_a_step(regimen: dict[str, object], says: str, knowledge: Knowledge) -> None:
    made = Regimen.model_validate(BASE | regimen)
    assert says in [step["text"] for step in dose_steps(made, knowledge)]


def test_the_weight_is_that_of_the_rules_in_force(knowledge: Knowledge) -> None:
    """A committee that changes them reads what it changed."""
    regimen = knowledge.regimens["iv-std-acute"]
    rule = knowledge.weight_rules["obesity-ideal-weight"]
    other = rule.model_copy(update={"bmi_from": Decimal(35)})
    changed = replace(knowledge, weight_rules={**knowledge.weight_rules, rule.id: other})
    for facts, index in ((knowledge, 30), (changed, 35)):
        assert f"from a body mass index of {index} the" in dose_steps(regimen, facts)[0]["text"]


def test_a_regimen_that_suggests_nothing_has_no_steps(knowledge: Knowledge) -> None:
    made = Regimen.model_validate(BASE | BY_WEIGHT | {"dose": "0.5", "suggests": "nothing"})
    assert dose_steps(made, knowledge) == []


def test_every_regimen_that_suggests_a_dose_says_how(knowledge: Knowledge) -> None:
    for regimen in knowledge.regimens.values():
        assert bool(dose_steps(regimen, knowledge)) == (regimen.suggests == "dose"), regimen.id


def test_the_facts_of_a_step_are_there(knowledge: Knowledge) -> None:
    for regimen in knowledge.regimens.values():
        for step in dose_steps(regimen, knowledge):
            for path in step["facts"]:
                subject, _, ident = path.partition("/")
                assert not ident or ident in getattr(knowledge, subject), path


def test_the_example_is_the_dose_of_the_clear_candidate() -> None:
    engine = load()
    order = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    answer = assess(engine, read_chart(engine, fhir_fixtures.load("ash", TODAY)), TODAY, [order])
    dose = next(d for d in answer.assessment.doses if d.regimen == "iv-std-acute")
    steps = dose_steps(engine.knowledge.regimens["iv-std-acute"], engine.knowledge)
    assert str(dose.weight_kg) == "70.2"
    assert dose.dose_mg is not None
    assert f"= {plain(dose.dose_mg)} mg" in steps[-2]["text"]
