"""Orders that are no elective treatment, and those that only look like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from order_cases import case

from cds.assessment.dose import propose
from cds.assessment.order_check.situation import Situation
from cds.knowledge.uses_page import uses_page

DOCS = Path(__file__).parents[2] / "docs" / "uses.md"
THEATRE = {"locationCode": [{"text": "operating theatre"}]}

ROWS: list[tuple[str, dict[str, Any], str | None]] = [
    # one for each row of the digest
    ("induction_iv", {"order": "2 mg/kg IV push once", "for": "nothing"}, "unclear"),
    ("induction_iv in theatre", {"order": "2 mg/kg IV", "for": "nothing", "fhir": THEATRE},
     "anaesthesia"),
    ("induction_iv for ECT", {"order": "1.5 mg/kg IV", "drafts": [{"order": "60 mg IV",
     "product": "succinylcholine 20 mg/mL injection"}]}, "anaesthesia"),
    ("induction_iv_rate", {"order": "0.5 mg/kg/min IV over 3 min", "for": "nothing",
     "fhir": THEATRE}, "anaesthesia"),
    ("induction_im", {"order": "10 mg/kg IM once", "for": "nothing"}, "unclear"),
    ("maintenance_bolus", {"order": "0.7 mg/kg IV for maintenance of anesthesia",
     "for": "nothing"}, "anaesthesia"),
    ("maintenance_microdrip", {"order": "0.3 mg/min IV drip", "for": "nothing",
     "fhir": THEATRE}, "anaesthesia"),
    ("ed_sedation_iv", {"order": "1 mg/kg IV for procedural sedation", "for": "nothing"},
     "procedural_sedation"),
    ("ed_sedation_im", {"order": "4.5 mg/kg IM once", "for": "nothing", "encounter": "EMER"},
     "procedural_sedation"),
    ("intubation", {"order": "1.5 mg/kg IV push for rapid sequence intubation",
     "for": "nothing"}, "intubation"),
    ("ed_psa_low", {"order": "0.6 mg/kg IV for fracture reduction", "for": "nothing"},
     "procedural_sedation"),
    ("agitation_im", {"order": "300 mg IM for severe agitation", "for": "nothing"}, "agitation"),
    ("paediatric_in", {"order": "4 mg/kg intranasally once for procedural sedation",
     "for": "nothing", "age": 6}, "procedural_sedation"),
    ("icu_analgosedation", {"order": "0.3 mg/kg/h IV, mechanically ventilated", "for": "nothing",
     "icu": True}, "icu_sedation"),
    # near misses: most are elective
    ("a use to be avoided", {"order": "0.3 mg/kg IV over 30 min to avoid intubation",
     "for": "nothing"}, None),
    ("a psychiatric reason", {"order": "2 mg/kg IV push once"}, None),
    ("a pain reason", {"order": "2 mg/kg IV push once", "for": "crps"}, None),
    ("a clinic", {"order": "2 mg/kg IV push once", "for": "nothing", "category": "outpatient"},
     None),
    ("a course", {"order": "2 mg/kg IV twice weekly", "for": "nothing"}, None),
    ("depression on the problem list", {"order": "2 mg/kg IV push once", "for": "nothing",
     "problems": ["depression"]}, "unclear"),
    ("an infusion dose", {"order": "0.5 mg/kg IV over 40 min once", "for": "nothing"}, None),
    ("analgesia in the emergency department", {"order": "0.2 mg/kg IV over 10 min",
     "for": "acute pain", "encounter": "EMER"}, "acute_pain"),
    ("status epilepticus in ICU", {"order": "2 mg/kg/h IV", "for": "status epilepticus",
     "icu": True}, "status_epilepticus"),
    ("an anaesthetist's clinic", {"order": "35 mg IV over 40 min",
     "fhir": {"requester": {"display": "Dr A, Anesthesiology"}}}, None),
    ("nothing said", {"order": "", "for": "nothing"}, None),
    ("esketamine", {"order": "84 mg intranasally once", "for": "nothing",
     "product": "esketamine device"}, None),
    ("not ketamine", {"order": "50 mg daily", "product": "sertraline 50 mg"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("row", "use"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_an_order_is_recognised_as(row: dict[str, Any], use: str | None) -> None:
    made = case(row)
    assert (made.use.entry.id if made.use is not None else None) == use
    if made.use is not None and not made.use.entry.treats:
        assert propose(Situation.of(made), (), ()) == ()


def test_every_use_in_the_knowledge_is_in_the_table() -> None:
    known = case({"order": ""}).knowledge.contexts
    assert set(known) <= {name.split(" ")[0] for name, _, _ in ROWS}


def test_the_page_of_uses_is_current() -> None:
    known = case({"order": ""}).knowledge
    assert DOCS.read_text("utf-8") == uses_page(known)
