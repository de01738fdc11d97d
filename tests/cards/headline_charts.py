"""Charts and orders with the line that heads the candidacy card, from `headlines.yaml`.

The notation is that of the psychiatric scenarios; `with` names the shared parts of a chart. An
order is a drug, or a drug with its `reason` (or `reasons`) and its `dose` over so many `minutes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cards.model import Card
from cds.api import Answer, SiteProtocol, assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode, encode
from tests.scenarios.psychiatric.chart_notation import AS_OF, SYSTEMS, bundle, draft

Json = dict[str, Any]
TABLE = Path(__file__).parent / "headlines.yaml"


def rows() -> Iterator[Json]:
    """Every row of the table."""
    yield from read(yaml.safe_load(TABLE.read_text(encoding="utf-8")))


def read(table: Json) -> Iterator[Json]:
    """Each row with the shared parts that it names put in front of its own lines."""
    for row in table["rows"]:
        chart: Json = {}
        for part in (*(table["parts"][name] for name in row.get("with", ())), row.get("chart", {})):
            for field, lines in part.items():
                chart[field] = [*chart.get(field, []), *lines] if isinstance(lines, list) else lines
        yield {**row, "chart": chart}


def asked(row: Json) -> Answer:
    """What is said of the row's chart and order."""
    written = bundle(row["chart"])
    if row.get("deceased"):
        written["entry"][0]["resource"]["deceasedBoolean"] = True
    record = next(iter(records_from_bundle(decode(encode(written)))))
    drafts = [decode(encode(_ordered(row["order"])))] if "order" in row else []
    engine = load(site=SiteProtocol(**row.get("site", {})))
    chart = read_chart(engine, record)
    return assess(engine, chart, AS_OF, drafts, row.get("hook", "order-select"))


def card_of(answer: Answer) -> Card | None:
    return next((card for card in answer.cards if card.kind == "candidacy"), None)


def headline(row: Json) -> tuple[str | None, str | None]:
    """Summary and indicator of the candidacy card; None where there is none."""
    card = card_of(asked(row))
    return (card.summary, card.indicator) if card else (None, None)


def _ordered(order: str | Json) -> Json:
    fields: Json = {"drug": order} if isinstance(order, str) else order
    if fields["drug"] == "mirtazapine":
        return draft({"medicationCodeableConcept": {"text": "mirtazapine 15 MG Oral Tablet"}})
    filled = draft(fields["drug"])
    reasons = fields.get("reasons", [fields["reason"]] if "reason" in fields else [])
    if reasons:
        filled["reasonCode"] = [_reason(**reason) for reason in reasons]
    if "dose" in fields:
        value, unit = fields["dose"]
        quantity = {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        timing = {"repeat": {"duration": fields["minutes"], "durationUnit": "min"}}
        dosage = {"doseAndRate": [{"doseQuantity": quantity}], "timing": timing}
        filled["dosageInstruction"] = [{**filled["dosageInstruction"][0], **dosage}]
    return filled


def _reason(text: str | None = None, icd: str | None = None) -> Json:
    coding = {"coding": [{"system": SYSTEMS["icd"], "code": icd}]} if icd else {}
    return {**coding, "text": text} if text else coding
