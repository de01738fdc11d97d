"""The dose card: the regimen for this patient, and what is unusual about the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from msgspec.structs import replace

from cards.drafts import Drafts
from cards.evidence import in_words as grade_in_words
from cards.instruction import ROUTE_NAMES, Instruction
from cards.lines import Line, Part, Worth, line
from cards.model import Card, Suggestion
from cards.parts import summary_of, told
from cards.words import inert, say, shorten
from cds.assessment.dose.compute import DRAWABLE_MG
from cds.assessment.model import Assessment, DoseProposal, Finding
from cds.orders.model import Order
from cds.units import UnitError, kilograms, plain, readable, scale_reading, to_places, written

INCOMPLETE = "order-incomplete"
"""the finding that a draft leaves open what a dose is judged by"""
NO_DOSE = "No dose suggested"
NO_WEIGHT = f"{NO_DOSE} without a weight"
SAME_DOSE = Decimal("0.05")
"""A draft within 5 % of the proposal is as proposed: the card would say nothing new."""


def dose_card(
    assessment: Assessment, order: Order, drafts: Drafts, *, final: bool, held: bool, beside: bool
) -> Card | None:
    """The dose card of one order; if `final` (order-sign), only where it is wrong or incomplete.

    `held`: no dose may be given, and only what is wrong with the order is said. `beside`: the card
    of the candidacy stands beside it, and tells whether the use is approved.
    """
    silent = held or not assessment.infusion_therapy
    doses = [d for d in assessment.doses if d.order in (None, order.ref) and not silent]
    remarks = [
        f
        for f in assessment.findings
        if f.kind == "order_error" and f.severity != "critical" and f.order == order.ref
    ]
    computed = [d for d in doses if d.dose_mg is not None]
    best = next((d for d in computed if d.first_choice), computed[0] if computed else None)
    if best is not None or (not final and _is_blank(order)):
        # the suggestion fills in what the draft leaves open; a drug just picked leaves open all
        remarks = [remark for remark in remarks if remark.id != INCOMPLETE]
    remarks = list(_asked_once(remarks, assessment))
    withheld = any(f.stops_dose and f.order in (None, order.ref) for f in assessment.findings)
    if withheld:  # what is asked or withheld is said where it is found, and no dose beside it
        doses, computed, best = [], [], None
    same = best is not None and as_ordered(order, best)
    warned = any(remark.severity == "warning" for remark in remarks)
    if _told_by_candidacy(assessment, doses):
        doses = []
    if (not remarks and (not doses or same)) or (held and not warned):
        return None
    if final and not warned and (same or best is None or order.dose is not None):
        return None
    remarked = warned or not doses
    summary = _summary(assessment, best, doses, remarks if remarked else ())
    instruction = patient_instruction(assessment.findings)
    suggested: tuple[Suggestion, ...] = ()
    refused = ""
    if not same:
        suggested, refused = _suggestions(computed, best, order, drafts, instruction)
    return Card(
        kind="dose",
        summary=shorten(summary),
        indicator="warning" if warned or (best is None and _lacks(assessment, doses)) else "info",
        lines=(
            *told(remarks, headed=not remarked),
            *_against(assessment, best),
            *_regimens(assessment, sorted(doses, key=lambda d: d is not best), summary, beside),
            *_outdated(assessment, best),
            *([line(inert(refused))] if refused else []),
        ),
        rules=(*(f.id for f in remarks), *(f"regimen:{d.regimen}" for d in doses)),
        suggestions=suggested,
        order=order.ref,
        danger=warned,
        withholds=warned and remarks[0].stops_dose,
        aside=best is None and not warned,
    )


def _is_blank(order: Order) -> bool:
    return order.dose is None and order.rate is None and not order.text


def _asked_once(remarks: Sequence[Finding], assessment: Assessment) -> Iterator[Finding]:
    """What an order lacks, without the weight that the work-up asks for."""
    weighed = any(finding.id == "missing-weight" for finding in assessment.findings)
    for remark in remarks:
        missing = remark.params.get("missing")
        if remark.id == INCOMPLETE and weighed and isinstance(missing, list):
            rest = [what for what in missing if what != "weight"]
            if rest:
                yield replace(remark, params={**remark.params, "missing": rest})
        else:
            yield remark


def _lacks(assessment: Assessment, doses: Sequence[DoseProposal]) -> bool:
    """Whether a dose is known for the use, and something of the patient or the order is lacking."""
    regimens = assessment.cases[0].knowledge.regimens
    return any(regimens[dose.regimen].suggests == "dose" for dose in doses)


def patient_instruction(findings: Sequence[Finding]) -> str:
    """What the patient is told about the session, from the process steps of the knowledge."""
    texts = [
        str(text)
        for finding in findings
        for text in finding.params.get("patient_texts", ())  # type: ignore[attr-defined]
    ]
    return " ".join(dict.fromkeys(texts))


def as_ordered(order: Order, dose: DoseProposal) -> bool:
    """Whether the draft already orders this: same route, dose, and time to give it."""
    if order.route not in (None, dose.route) or order.dose is None or dose.dose_mg is None:
        return False
    try:
        given = order.dose.to("mg").value
    except UnitError:
        return False
    low, high = dose.order_mg or dose.dose_mg, dose.dose_mg_high or dose.dose_mg
    if not low * (1 - SAME_DOSE) <= given <= high * (1 + SAME_DOSE):
        return False
    return dose.devices is not None or order.duration_min == dose.duration_min


def _summary(
    assessment: Assessment,
    best: DoseProposal | None,
    doses: Sequence[DoseProposal],
    remarks: Sequence[Finding],
) -> str:
    if remarks:
        return summary_of(remarks)
    if best is None:
        why = next((_why_not(assessment, d) for d in doses if d.why_not), "")
        asked_for = any(finding.id == "missing-weight" for finding in assessment.findings)
        if asked_for and why == assessment.weight_why_not:  # said where it is asked for
            return NO_WEIGHT
        return f"{NO_DOSE}: {why or 'the record is not complete'}"
    text = headline(assessment, best)
    return f"Option, not recommended: {text[0].lower()}{text[1:]}" if best.against else text


def _against(assessment: Assessment, best: DoseProposal | None) -> tuple[Line, ...]:
    """Why the dose is an option and not recommended: what speaks against it."""
    if best is None or not best.against:
        return ()
    found = {f.id: say(f.id, f.params).summary for f in assessment.findings}
    said = (found.get(ident) or say(f"against-{ident}", {}).summary for ident in best.against)
    return (line(f"Not recommended while this stands: {'; '.join(map(inert, said))}."),)


def _outdated(assessment: Assessment, best: DoseProposal | None) -> tuple[Line, ...]:
    """That a source of the dose was read too long ago to be rested on unasked."""
    sources = assessment.cases[0].knowledge.sources
    old = [sources[ident] for ident in (best.outdated if best is not None else ())]
    said = [{"name": source.short, "read_on": str(source.read_on)} for source in old]
    return (line(inert(say("dose-source-outdated", {"sources": said}).summary)),) if said else ()


def headline(assessment: Assessment, dose: DoseProposal) -> str:
    """`Ketamine 35 mg IV over 40 min (0.5 mg/kg x 70.2 kg, weighed 2026-11-10)`."""
    assert dose.order_mg is not None
    text = f"{dose.drug.capitalize()} {readable(dose.order_mg)} mg"
    text += f" {ROUTE_NAMES.get(dose.route, dose.route)}"
    if dose.duration_min is not None and not dose.devices:
        text += f" over {readable(dose.duration_min)} min"
    if dose.dose_per_kg is not None and dose.weight_kg is not None and assessment.weight:
        kg = _factor(assessment, dose, kilograms(dose.weight_kg))
        basis = "" if dose.weight_basis == "actual" else f" {dose.weight_basis} weight"
        text += f" ({written(dose.dose_per_kg)} x {kg} kg{basis}, weighed {assessment.weight.when})"
    elif dose.devices:
        text += f" ({dose.devices} x 28 mg)"
    return text


def _regimens(
    assessment: Assessment, doses: Sequence[DoseProposal], summary: str, beside: bool
) -> tuple[Line, ...]:
    lines: list[Line] = []
    regimens = assessment.cases[0].knowledge.regimens
    for dose in doses:
        if dose.dose_mg is None:
            name = regimens[dose.regimen].name
            why = _why_not(assessment, dose)
            asked = summary.startswith(NO_DOSE) or regimens[dose.regimen].suggests == "dose"
            if asked and why not in summary and summary != NO_WEIGHT:
                lines.append(line(f"{inert(name)}: no dose; {inert(why)}"))
            continue
        said = headline(assessment, dose)
        head = "" if said.lower() in summary.lower() else f"**{inert(said)}**"
        facts = "; ".join(part for part in (head, *_facts(assessment, dose)) if part)
        marks = [f"evidence: {grade_in_words(regimens[dose.regimen])}"] if dose.grade else []
        marks += [inert(dose.regulatory)] if dose.regulatory and not beside else []
        mark = f"_({'; '.join(marks)})_"
        told_before = not marks or any(part.text == mark for parts in lines for part in parts)
        part = () if told_before else (Part(mark, Worth.EVIDENCE),)
        lines.append((*((Part(facts),) if facts else ()), *part))
    return tuple(lines)


def _why_not(assessment: Assessment, dose: DoseProposal) -> str:
    """Why there is no dose, the indication in words and not by its id."""
    why = dose.why_not or ""
    indication = assessment.cases[0].knowledge.indications.get(dose.why_not_for or "")
    return why if indication is None else why.replace(indication.id, indication.short, 1)


def _told_by_candidacy(assessment: Assessment, doses: Sequence[DoseProposal]) -> bool:
    """Whether all that is to be said is that the criteria of the candidacy card are not met."""
    if not assessment.infusion_therapy or not assessment.candidacy:
        return False
    best = assessment.candidacy[0]
    none = best.verdict == "not_applicable"  # then no regimen is for anything on record
    return best.verdict != "met" and all(
        dose.dose_mg is None and dose.why_not_for in ({None} if none else {best.indication})
        for dose in doses
    )


def _facts(assessment: Assessment, dose: DoseProposal) -> list[str]:
    """What the headline leaves out: range, rate, volume, course, rounding."""
    facts = []
    if dose.dose_mg_high is not None and dose.dose_mg_high != dose.dose_mg:
        facts.append(f"up to {readable(dose.dose_mg_high)} mg")
    if dose.order_rate_mg_per_h is not None and not dose.devices:
        facts.append(f"{readable(dose.order_rate_mg_per_h)} mg/h")
    if dose.volume_ml is not None:
        at = f" at {written(dose.concentration)}" if dose.concentration else ""
        facts.append(f"{readable(dose.volume_ml)} mL{at}")
    if dose.course:
        facts.append(inert(dose.course))
    if dose.rounding:
        facts.append(_arithmetic(assessment, dose))
    return facts


def _factor(assessment: Assessment, dose: DoseProposal, shortest: str) -> str:
    """The kilograms in at most four digits that give the dose: of 34.9 mg, 69.99 and not 70, and
    of 54.5 mg at 109.18 kg, 109.1."""
    kg, per_kg = dose.weight_kg, dose.dose_per_kg
    assert kg is not None
    assert dose.order_mg is not None
    if dose.rounding is None or per_kg is None:
        return shortest
    step = assessment.cases[0].site.round_dose_to_mg or DRAWABLE_MG
    for digits in (shortest, *_in_four_digits(kg)):
        if 0 <= per_kg.value * Decimal(digits) - dose.order_mg < step:
            return digits
    return shortest


def _in_four_digits(kg: Decimal) -> Iterator[str]:
    """The figure with more and more places; last, cut after the last one that there is room for."""
    room = max(0, 3 - kg.adjusted())
    yield from (plain(to_places(kg, places)) for places in (2, 3) if places <= room)
    last = Decimal(1).scaleb(-room)
    yield from (plain(kg.quantize(last, rounding)) for rounding in (ROUND_DOWN, ROUND_UP))


def _arithmetic(assessment: Assessment, dose: DoseProposal) -> str:
    """`rounded down from 0.5 mg/kg x 78.0 kg`: of a fixed dose, only what was rounded."""
    if dose.dose_per_kg is None or dose.weight_kg is None:
        return inert(dose.rounding or "")
    kg = _factor(assessment, dose, scale_reading(dose.weight_kg))
    product = f"{written(dose.dose_per_kg)} x {kg} kg"
    return f"rounded down from {product}"


def _suggestions(
    computed: Sequence[DoseProposal],
    best: DoseProposal | None,
    order: Order,
    drafts: Drafts,
    told: str,
) -> tuple[tuple[Suggestion, ...], str]:
    """The orders that can be suggested; and why there is none, in a sentence."""
    if order.ref not in drafts or order.resource_type != "MedicationRequest":
        return (), ""
    found: list[Suggestion] = []
    refused = ""
    for dose in computed:
        if not (dose.first_choice or dose.weight_basis in ("actual", "fixed")):
            continue
        meant = Instruction.proposed(dose)
        update = drafts.update(order.ref, meant, "Fills in the draft order", told)
        if update is not None:
            label = shorten(f"Order {meant}", 80)
            recommended = dose is best and dose.recommended
            found.append(Suggestion(label, (update,), recommended=recommended))
        elif not refused:
            what = drafts.says_otherwise(order.ref, meant)
            refused = f"Change the order by hand: {what} says something else than {meant}."
    return tuple(found), "" if found else refused
