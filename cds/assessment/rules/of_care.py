"""What is done with the patient: the order, sessions, procedures, the encounter, judgement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import ChartText
from cds.assessment.rules.answer import NOT_MET, Answer, Found, Match, absent, met, said, unknown
from cds.assessment.rules.evaluate import answers, answers_of_patient
from cds.chart.entries import Procedure
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.predicates.care import (
    EncounterTest,
    Judgement,
    OrderTest,
    SessionTest,
    SurgeryPlanned,
)
from cds.knowledge.model.predicates.facts import ProcedureTest
from cds.terminology.model import Certainty
from cds.terminology.text.certainty import USES, affirms


@answers(OrderTest)
def _order(test: OrderTest, case: Case) -> Answer:
    order = case.order
    if order is None or (test.drugs and order.drug not in test.drugs):
        return NOT_MET
    match = Match(said(order.display or "the order"), (order.ref,))
    if test.co_ingredients:
        mixed = sorted(set(order.co_ingredients) & set(test.co_ingredients))
        return met((Match(said(", ".join(mixed)), (order.ref,)),)) if mixed else NOT_MET
    if order.setting in test.settings or (test.community and order.community):
        return met((match,))
    said_otherwise = order.setting is not None or order.community is not None
    return NOT_MET if said_otherwise else Answer("unknown")


class ProcedureFound(Struct, Found, frozen=True):
    """The last of the procedures; None: none is on record."""

    last: Procedure | None


@answers_of_patient(ProcedureTest)
def _procedure(test: ProcedureTest, case: Case) -> Answer:
    wanted = frozenset(test.sets)
    done = [
        procedure
        for procedure in case.history.procedures
        if procedure.sets & wanted and (test.under_way or not procedure.in_progress)
    ]
    if not done:
        none = unknown() if test.silence == "unknown" else absent(case, "procedures")
        return replace(none, found=ProcedureFound(None))
    last = max(done, key=lambda p: (p.when is not None, p.when or date.min, p.source))
    return met((_of_procedure(p, wanted) for p in done), found=ProcedureFound(last))


def _of_procedure(done: Procedure, wanted: frozenset[str]) -> Match:
    title = done.display or ", ".join(sorted(done.sets & wanted)).replace("_", " ")
    remarks = [done.when.isoformat() if done.when else "date unknown"]
    remarks += ["matched by its text"] if done.certainty is Certainty.TEXT else []
    return Match(said(title, *remarks), done.source, done.when)


@answers_of_patient(SessionTest)
def _session(test: SessionTest, case: Case) -> Answer:
    held: dict[str, list[KetamineSession]] = {}
    for session in case.history.ketamine_sessions:
        last = session.end or session.when
        if test.within_days is not None and (
            last is None or (case.as_of - last).days > test.within_days
        ):
            continue
        if test.min_duration_h is not None and (
            session.duration_min is None or session.duration_min < test.min_duration_h * 60
        ):
            continue
        held.setdefault(session.drug, []).append(session)
    matches = [_of_sessions(drug, sessions) for drug, sessions in held.items()]
    return met(matches) if matches else absent(case, "medicationAdministrations")


def _of_sessions(drug: str, sessions: Sequence[KetamineSession]) -> Match:
    """`ketamine (2026-11-11)`; of several `ketamine (6 times, last 2026-11-11)`."""
    days = [day for session in sessions if (day := session.end or session.when) is not None]
    last = max(days, default=None)
    when = last.isoformat() if last else "date unknown"
    told = [when] if len(sessions) == 1 else [f"{len(sessions)} times", f"last {when}"]
    source = tuple(dict.fromkeys(ref for session in sessions for ref in session.source))
    return Match(said(drug, *told), source, last)


class EncounterFound(Struct, Found, frozen=True):
    """Where the patient is, as far as the encounter or the order says."""

    label: str | None
    """an encounter class of HL7"""
    icu_asked: bool = False


_CLASS_OF_SETTING = {"emergency": "EMER", "inpatient": "IMP", "icu": "IMP", "outpatient": "AMB"}


@answers(EncounterTest)
def _encounter(test: EncounterTest, case: Case) -> Answer:
    encounter = case.history.encounter
    ordered_in = case.order.setting if case.order else None
    label = encounter.encounter_class if encounter else _CLASS_OF_SETTING.get(ordered_in or "")
    source = encounter.source if encounter else ()
    if test.icu:
        in_icu = bool(encounter and encounter.icu) or ordered_in == "icu"
        holds = True if in_icu else False if label in ("AMB", "HH", "VR") else None
    else:
        holds = None if label is None else label in test.classes
    found = EncounterFound(label, test.icu)
    if holds:
        return met((Match(ChartText(label or "icu"), source),), found=found)
    return Answer("unknown" if holds is None else "not_met", found=found, looked_at=source)


class SurgeryFound(Struct, Found, frozen=True):
    """An operation that is ordered: in this session, or on a day; neither: none is seen."""

    in_session: bool = False
    when: date | None = None


@answers(SurgeryPlanned)
def _surgery(test: SurgeryPlanned, case: Case) -> Answer:
    named = re.compile(test.words, re.IGNORECASE)
    for order in (case.order, *case.drafts):
        service = order is not None and order.resource_type == "ServiceRequest"
        if order is not None and (
            order.setting == "operating_room" or (service and affirms(named, order.display, USES))
        ):
            match = Match(said(order.display), (order.ref,))
            return met((match,), found=SurgeryFound(in_session=True))
    for standing in case.history.service_orders:
        if affirms(named, standing.display, USES):
            match = Match(said(standing.display), standing.source, standing.when)
            return met((match,), found=SurgeryFound(when=standing.when))
    return Answer("unknown", found=SurgeryFound())


@answers(Judgement)
def _judgement(test: Judgement, case: Case) -> Answer:
    return Answer("unknown")
