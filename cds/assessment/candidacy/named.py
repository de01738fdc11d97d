"""A diagnosis in safe words: how it stands on record, that it is over, why it is not sure."""

from __future__ import annotations

import re

from cds.assessment.fitting import fit
from cds.assessment.remission import in_remission, last_said, says_remission
from cds.chart.entries import Condition
from cds.knowledge.model.indications import Diagnosis
from cds.terminology.codes.named_codes import written_icd10
from cds.terminology.model import Certainty

_CODE = re.compile(r"[A-Z0-9.]{1,12}\Z")


def named(fact: Condition) -> str:
    """The diagnosis in safe words, by its ICD code if it has one: `on record as F33.1, onset …`."""
    code = written(fact)
    since = f"onset {fact.onset}" if fact.onset else f"recorded {fact.recorded}"
    text = f"on record{f' as {code}' if code else ''}, {since if fact.when else 'undated'}"
    text += f", {fact.doubt}" if fact.doubt else ""
    text += ", whose words name something else" if fact.coded else ""
    return text if fact.certainty is Certainty.CODE else f"{text}, recognised by its text only"


def written(fact: Condition) -> str | None:
    """Its ICD-10 code, as a reader knows it."""
    return next((c for c in written_icd10(fact.codes) if _CODE.match(c)), None)


def how_over(fact: Condition) -> str:
    """`in full remission on record as F33.42 (2026-09-01)`; `resolved on record as F33.2`."""
    kind: str = "past" if fact.history_of else fact.clinical
    if kind == "remission" or fact.active is not False:
        kind = f"in {_degree(fact)} remission".replace("  ", " ")
    code, day = written(fact), last_said(fact)
    return f"{kind} on record{f' as {code}' if code else ''}{f' ({day})' if day else ''}"


_DEGREES = {"F33.42": "full", "F32.5": "full", "F33.41": "partial", "F32.4": "partial"}


def _degree(fact: Condition) -> str:
    """Full or partial, by its words, else by its ICD-10-CM code; empty: it does not say."""
    words = fact.display.lower()
    said = next((degree for degree in ("full", "partial") if f"{degree} remission" in words), None)
    return said or _DEGREES.get(written(fact) or "", "")


def unsure(diagnosis: Diagnosis, fact: Condition) -> str:
    """Why an entry does not settle that the disease is there, as a clause for a headline."""
    test, code = diagnosis.test, written(fact)
    known = f" ({code})" if code else ""
    if fact.unsaid and fact.coded:
        beside = "in remission" if says_remission(fact.display) else "something else"
        return f"{code or 'a code'} is on record, but its words say {beside}"
    if in_remission(test, fact):
        return f"{diagnosis.disease} is {how_over(fact)}"
    if fact.doubt:
        return f"the diagnosis is on record as {fact.doubt} only{known}"
    if fit(test, fact) == "unconfirmed":
        return f"{code or 'what is on record'} alone does not confirm {diagnosis.disease}"
    return f"whether the diagnosis is current is not recorded{known}"
