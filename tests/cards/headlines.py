"""Charts and orders with the line that heads the candidacy card, from `headlines.yaml`.

The notation is that of the psychiatric scenarios; `with` names the shared parts of a chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cds.api import SiteProtocol, assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode, encode
from tests.scenarios.psychiatric.chart_notation import AS_OF, _concept, _measured, bundle, draft

Json = dict[str, Any]
TABLE = Path(__file__).parent / "headlines.yaml"


def rows(path: str | None = None) -> Iterator[Json]:
    """Every row, the shared parts that it names put in front of its own lines."""
    table = yaml.safe_load(Path(path or TABLE).read_text())
    for row in table["rows"]:
        chart: Json = {}
        for part in (*(table["parts"][name] for name in row.get("with", ())), row.get("chart", {})):
            for field, lines in part.items():
                chart[field] = [*chart.get(field, []), *lines] if isinstance(lines, list) else lines
        yield {**row, "chart": chart}


def headline(row: Json) -> tuple[str | None, str | None]:
    """The summary and indicator of the candidacy card; None where there is none."""
    record = next(iter(records_from_bundle(decode(encode(bundle(row["chart"]))))))
    drafts = [decode(encode(ordered(row["order"])))] if row.get("order") else []
    engine = load(site=SiteProtocol(**row.get("site", {})))
    hook = row.get("hook", "order-select")
    answer = assess(engine, read_chart(engine, record), AS_OF, drafts, hook)
    card = next((card for card in answer.cards if card.kind == "candidacy"), None)
    return (card.summary, card.indicator) if card else (None, None)


def ordered(order: str | Json) -> Json:
    """A draft: a drug by its name, or with the reasons (and the dose) that the order gives."""
    if isinstance(order, str):
        order = {"drug": order}
    if order["drug"] == "mirtazapine":
        filled = draft({"medicationCodeableConcept": {"text": "mirtazapine 15 MG Oral Tablet"}})
    else:
        filled = draft(order["drug"])
    reasons = [order["reason"]] if "reason" in order else order.get("reasons", [])
    dosage = dict(filled.get("dosageInstruction", [{}])[0])
    if "dose" in order:
        value, unit = order["dose"]
        dosage["doseAndRate"] = [{"doseQuantity": _measured(value, unit)}]
        dosage["timing"] = {"repeat": {"duration": order["minutes"], "durationUnit": "min"}}
    return {
        **filled,
        "dosageInstruction": [dosage] if dosage else [],
        **(
            {"reasonCode": [_concept(reason, reason.get("text")) for reason in reasons]}
            if reasons
            else {}
        ),
    }
