"""How a dose comes about by a regimen, step by step: what `cds.assessment.dose` does, in words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.dose.compute import DRAWABLE_MG, by_weight, rounded_down
from cds.knowledge.load import Knowledge
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.model.weight_rules import ObesityWeightRule
from cds.units import plain, readable
from cds.wire import Json

EXAMPLE_KG = Decimal("70.2")
"""the weight of the example"""


def dose_steps(regimen: Regimen, knowledge: Knowledge) -> list[Json]:
    """Each step, with the facts that it rests on; none where no dose is suggested."""
    if regimen.suggests != "dose":
        return []
    return [{"text": text, "facts": list(facts)} for text, facts in _steps(regimen, knowledge)]


def _steps(regimen: Regimen, knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, ...]]]:
    if regimen.session_doses:
        yield from _of_devices(regimen)
    elif not regimen.weight_based:
        dose = plain(regimen.dose) if regimen.dose is not None else ""
        yield f"The dose is {dose} mg, whatever the weight.", ()
    else:
        yield from _by_weight(regimen, knowledge.the(ObesityWeightRule).bmi_from)
    yield (
        "No dose is given where the criteria of the indication are not met, where anything stops "
        "it, or where a check of orders would question it.",
        (),
    )


def _of_devices(regimen: Regimen) -> Iterator[tuple[str, tuple[str, ...]]]:
    doses = " or ".join(plain(dose) for dose in regimen.session_doses)
    first = regimen.first_dose or regimen.dose or regimen.session_doses[0]
    yield f"The dose is {doses} mg, in whole devices.", ("products/esketamine-device",)
    yield f"The first session has {plain(first)} mg; later ones keep the dose that was reached.", ()


def _by_weight(regimen: Regimen, obese_from: Decimal) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield (
        "Weight: the latest one, if it was measured, is plausible and no older than the site allows"
        f" (weight_max_age_days); from a body mass index of {plain(obese_from)} the dose for ideal"
        " weight stands beside it, or comes first where the site says so (weight_basis_obesity).",
        ("weight_rules/actual-weight", "parameters/weight-lowest", "parameters/weight-highest",
         "weight_rules/obesity-ideal-weight", "weight_rules/stated-weight"),
    )  # fmt: skip
    if regimen.dose is not None:
        yield f"Dose: {plain(regimen.dose)} mg for each kg of that weight.", ()
    elif regimen.rate_high is not None and regimen.duration_min is not None:
        per = f"{plain(regimen.rate_high)} mg for each kg and hour"
        yield f"Dose: {per}, for {plain(regimen.duration_min)} minutes.", ()
    if regimen.rate_cap_mg_per_h is not None:
        yield f"Rate: never above {plain(regimen.rate_cap_mg_per_h)} mg/h.", ()
    if regimen.max_session_mg is not None:
        yield f"Maximum: never above {plain(regimen.max_session_mg)} mg in a session.", ()
    else:
        yield "Maximum: this regimen has none of its own; the limits of orders hold.", ("limits",)
    yield (
        f"Rounding: down to a multiple of {plain(DRAWABLE_MG)} mg, or of the site's own step "
        "(round_dose_to_mg); never up.",
        (),
    )
    if regimen.dose is not None and regimen.duration_min is not None:
        yield f"Rate: the dose spread evenly over {plain(regimen.duration_min)} minutes.", ()
    yield from _example(regimen)


def _example(regimen: Regimen) -> Iterator[tuple[str, tuple[str, ...]]]:
    numbers = by_weight(regimen, EXAMPLE_KG)
    if numbers is None:
        return
    ordered = rounded_down(numbers.dose_mg, DRAWABLE_MG)
    told = f"{plain(ordered)} mg"
    if numbers.dose_per_kg is not None:
        told = f"{numbers.dose_per_kg} x {plain(EXAMPLE_KG)} kg = {plain(numbers.dose_mg)} mg"
        told += "" if ordered == numbers.dose_mg else f", rounded down to {plain(ordered)} mg"
    if regimen.duration_min is not None:
        told += f", which is {readable(ordered * 60 / regimen.duration_min)} mg/h"
    yield f"Example, at {plain(EXAMPLE_KG)} kg: {told}.", ()
