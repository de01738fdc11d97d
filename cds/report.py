"""The assessment as data: what `assess --json` prints, one object per patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cards.unworded import words_of
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy, DoseProposal, Finding
from cds.assessment.trials import trial_like, trials_here
from cds.characters import as_shown, visible
from cds.chart.medication.resource import KINDS
from cds.chart.overlong_fields import in_words
from cds.faults import Faults
from cds.history.model.course import MedicationCourse
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake
from cds.history.model.trial import Trial
from cds.history.parts import parts_of
from cds.history.trials.candidates import adequate_trials
from cds.knowledge.load import Knowledge
from cds.wire import Json


def report(assessment: Assessment, cards: Sequence[Json], faults: Faults | None = None) -> Json:
    """The contract of `assess --json`. Numbers are exact; null is "not known", never "none".

    `faults` takes what breaks, and stands there only where something broke; `cut_short` only where
    not all could be judged in time, and names of what.
    """
    faults = faults if faults is not None else Faults()
    findings, history = [_finding(f, faults) for f in assessment.findings], assessment.history
    weight = assessment.weight_on_record
    told: Json = {
        "patient": history.person.id,
        "as_of": history.as_of.isoformat(),
        "knowledge": _knowledge(assessment.cases[0].knowledge),
        "age": history.person.age,
        "sex": history.person.sex,
        "weight_kg": weight
        and {
            "value": weight.value_kg,
            "date": weight.when.isoformat(),
            "source": list(weight.source),
            "usable": assessment.weight is not None,
        },
        "weight_why_not": assessment.weight_why_not,
        "antidepressant_trials": [_trial(t) for t in trials_here(assessment.cases[0])],
        "adequate_trials": _adequate(assessment),
        "augmentation_trials": [_trial(t) for t in history.augmentation_trials],
        "pain_trials": [_trial(t) | {"group": t.group} for t in history.pain_trials],
        "opioids": _opioids(history.opioids),
        "diazepam_equivalent_mg_per_day": history.sedatives.diazepam_equivalent_mg_per_day,
        "benzodiazepines": {
            "at_least": history.sedatives.at_least,
            "items": [
                {
                    "ingredient": name,
                    "daily_dose": quantity and str(quantity),
                    "diazepam_equivalent_mg_per_day": equivalent,
                }
                for name, quantity, equivalent in history.sedatives.items
            ],
            "problems": list(history.sedatives.problems),
            "source": list(history.sedatives.source),
        },
        "ketamine_sessions": _sessions(history),
        "uses": [_use(case) for case in assessment.cases if case.drug is not None],
        "candidacy": [_candidacy(c) for c in assessment.candidacy],
        "findings": findings,
        "doses": [_dose(d) for d in assessment.doses],
        "cards": list(cards),
        "skipped": [{"resource": s.resource, "reason": s.reason} for s in history.skipped],
        "unknown": list(history.unknown),
        "unread": [
            *_unread(history),
            *_unread_drugs(history),
            *_unread_entries(history),
            *_overlong(history),
        ],
        **({"cut_short": list(parts_of(history.cut))} if history.cut else {}),
        **({"faults": [fault.told() for fault in faults.found]} if faults.found else {}),
    }
    # a card is as it is sent: the draft that it changes comes back as the EHR wrote it
    return {key: value if key == "cards" else _inert(value, key) for key, value in told.items()}


def _knowledge(in_force: Knowledge) -> Json:
    """By which files it was judged, and from which day on their facts are as they were then."""
    since = None if in_force.since == date.min else in_force.since.isoformat()
    return {"version": in_force.version, "since": since}


_PROSE = frozenset({
    "next_steps", "other_reading", "problems", "reason", "remarks", "text", "tolerance_why",
    "unknown", "weight_why_not", "why", "why_not",
})  # fmt: skip
"""members that quote words; others are names, where a space would make another one"""


def _inert(value: Any, key: str) -> Any:
    """A member of the report with nothing in its texts that is not text."""
    if isinstance(value, str):
        return as_shown(value) if key in _PROSE else visible(value)
    if isinstance(value, dict):
        return {name: _inert(item, name) for name, item in value.items()}
    return [_inert(item, key) for item in value] if isinstance(value, list) else value


def _use(case: Case) -> Json:
    """What an order for ketamine is for, and by what that was told."""
    use = case.use
    return {
        "order": case.order.ref if case.order is not None else None,
        "use": use.entry.id if use is not None else "elective",
        "signs": list(use.signs) if use is not None else [],
        "elective_signs": list(use.elective_signs) if use is not None else [],
    }


def _unread(history: History) -> Iterator[Json]:
    """Written instructions that were not understood, where a trial or a total needs the dose."""
    for course in history.medications:
        touches = _touched(history, course)
        for unread in course.unread if touches else ():
            yield {
                "resource": unread.resource,
                "kind": "instruction",
                "text": unread.text,
                "why": unread.why,
                "touches": touches,
            }


def _unread_drugs(history: History) -> Iterator[Json]:
    """Drugs that could not be read, with the totals that they leave open."""
    for drug in history.unread_drugs:
        running = ["opioids", "diazepam_equivalent_mg_per_day"] if drug.current is not False else []
        yield {
            "resource": drug.source[0],
            "kind": "drug",
            "text": drug.label,
            "why": drug.why,
            "touches": running,
        }


def _unread_entries(history: History) -> Iterator[Json]:
    """Allergies, diagnoses and procedures that were not understood: each could be a reason against
    treatment, a diagnosis or a procedure also what a candidacy asks for."""
    for entry in history.unread_entries:
        verdicts = [] if entry.kind == "allergy" else ["candidacy"]
        for resource in entry.source:
            yield {
                "resource": resource,
                "kind": entry.kind,
                "text": entry.label,
                "why": entry.why,
                "touches": ["contraindications", *verdicts],
            }


_TOUCHED_BY: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("contraindications",),
    **dict.fromkeys(("Condition", "Observation", "Procedure", "QuestionnaireResponse"),
                    ("contraindications", "candidacy")),
    **dict.fromkeys(KINDS, ("opioids", "diazepam_equivalent_mg_per_day", "candidacy")),
}  # fmt: skip


def _overlong(history: History) -> Iterator[Json]:
    """Entries that count, of which a text or a list is too long to be read."""
    for entry in history.overlong:
        yield {
            "resource": entry.reference,
            "kind": "entry",
            "text": in_words(entry.fields),
            "why": "too long to be read",
            "touches": list(_TOUCHED_BY.get(entry.kind, ())),
        }


def _adequate(assessment: Assessment) -> Json:
    """Counted antidepressant trials; null where a drug that could not be read, or a trial of which
    nobody saw whether it helped, may be the one that is lacking, or where drugs did not come, with
    what there is at least beside it."""
    history, case = assessment.history, assessment.cases[0]
    strict, minimum, classes = adequate_trials(trials_here(case))
    unread = trial_like(case)
    open_by = unread or any(trial.unscored for trial in history.antidepressant_trials)
    enough = minimum >= case.site.adequate_trials_required
    whole = not open_by or (enough and not any(drug.uncounted for drug in unread))
    return {
        "strict": strict if whole else None,
        "minimum": minimum if whole else None,
        "classes": list(classes),
        "at_least": {"strict": strict, "minimum": minimum},
    }


def _touched(history: History, course: MedicationCourse) -> list[str]:
    """What of the report rests on the dose of a course."""
    listed = {
        "antidepressant_trials": [t.ingredient for t in history.antidepressant_trials],
        "augmentation_trials": [t.ingredient for t in history.augmentation_trials],
        "pain_trials": [t.ingredient for t in history.pain_trials],
        "diazepam_equivalent_mg_per_day": [name for name, _, _ in history.sedatives.items],
    }
    found = [name for name, drugs in listed.items() if course.ingredient in drugs]
    return [*found, *(["opioids"] if set(course.entries) & {*history.opioids.source} else [])]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _trial(trial: Trial) -> Json:
    return {
        "ingredient": trial.ingredient,
        "class": trial.drug_class,
        "start": _day(trial.start),
        "end": _day(trial.end),
        "max_daily_dose_mg": trial.max_daily_dose_mg,
        "weeks": trial.weeks,
        "weeks_at_minimum_dose": trial.weeks_at_minimum,
        "adequacy": trial.adequacy,
        "adherence": trial.adherence,
        "outcome": trial.outcome,
        "in_current_episode": trial.in_current_episode,
        "ongoing": trial.ongoing,
        "reason": trial.reason,
        "remarks": list(trial.remarks),
        "phases": [
            {"start": _day(p.start), "end": _day(p.end), "daily_dose": p.daily_dose}
            for p in trial.phases
        ],
        "basis": list(trial.basis),
        "certainty": trial.certainty.value,
        "source": list(trial.source),
    }


def _opioids(intake: OpioidIntake) -> Json:
    return {
        "mme_per_day": intake.mme_per_day,
        "at_least": intake.at_least,
        "items": [
            {
                "ingredient": item.ingredient,
                "route": item.route,
                "daily_dose": str(item.daily_dose),
                "mme_per_day": item.mme_per_day,
                "basis": list(item.basis),
                "source": list(item.source),
            }
            for item in intake.items
        ],
        "not_convertible": [
            {
                "ingredient": item.ingredient,
                "route": item.route,
                "reason": item.reason,
                "basis": list(item.basis),
                "source": list(item.source),
            }
            for item in intake.not_convertible
        ],
        "tolerant": intake.tolerant,
        "tolerance_why": intake.tolerance_why,
        "timeline": [{"from": day.isoformat(), "mme_per_day": mme} for day, mme in intake.timeline],
        "problems": list(intake.problems),
        "source": list(intake.source),
    }


def _sessions(history: History) -> list[Json]:
    return [
        {
            "drug": session.drug,
            "kind": session.kind,
            "date": _day(session.when),
            "route": session.route,
            "dose": session.dose and str(session.dose),
            "source": list(session.source),
        }
        for session in history.ketamine_sessions
    ]


def _candidacy(candidacy: Candidacy) -> Json:
    return {
        "indication": candidacy.indication,
        "basis": list(candidacy.basis),
        "verdict": candidacy.verdict,
        "stance": candidacy.stance,
        "grade": candidacy.grade,
        "criteria": [
            {
                "id": criterion.id,
                "basis": list(criterion.basis),
                "state": criterion.state,
                "why": criterion.why,
                "finding": criterion.finding,
                "source": list(criterion.source),
            }
            for criterion in candidacy.criteria
        ],
        "other_reading": candidacy.other_reading,
        "next_steps": list(candidacy.next_steps),
        "citations": list(candidacy.citations),
        "source": list(candidacy.source),
    }


def _finding(finding: Finding, faults: Faults) -> Json:
    words = words_of(finding, faults)
    return {
        "id": finding.id,
        "basis": list(finding.basis),
        "kind": finding.kind,
        "severity": finding.severity,
        "summary": words.summary,
        "detail": words.detail,
        "source": list(finding.source),
        "citations": list(finding.citations),
        "grade": finding.grade,
        "verified": finding.verified,
        "order": finding.order,
        "stops_dose": finding.stops_dose,
    }


def _dose(dose: DoseProposal) -> Json:
    exact: tuple[tuple[str, Decimal | None], ...] = (
        ("dose_mg", dose.dose_mg),
        ("dose_mg_high", dose.dose_mg_high),
        ("duration_min", dose.duration_min),
        ("rate_mg_per_h", dose.rate_mg_per_h),
        ("rate_ml_per_h", dose.rate_ml_per_h),
        ("volume_ml", dose.volume_ml),
    )
    return {
        "regimen": dose.regimen,
        "basis": list(dose.basis),
        "drug": dose.drug,
        "route": dose.route,
        **dict(exact),
        "weight_basis": dose.weight_basis,
        "weight_kg": dose.weight_kg,
        "devices": dose.devices,
        "sessions": dose.sessions,
        "sessions_per_week": dose.sessions_per_week,
        "recommended": dose.recommended,
        "against": list(dose.against),
        "why_not": dose.why_not,
        **({"unsigned": list(dose.unsigned)} if dose.unsigned else {}),
        **({"outdated": list(dose.outdated)} if dose.outdated else {}),
        "rounding": dose.rounding,
        "order": dose.order,
        "grade": dose.grade,
        "citations": list(dose.citations),
        "source": list(dose.source),
    }
