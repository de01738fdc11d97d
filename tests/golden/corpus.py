"""What the golden run asks: every fixture patient, every scenario chart, and files of your own.

Each case has a name, and a function that answers it with JSON. Nothing in an answer depends on the
day it is asked, nor on chance.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import fhir_fixtures
from cards.model import Sender
from cds.api import Engine, assess, load, read_chart
from cds.fhir.record.patient_record import PatientRecord, records_from_bundle, records_from_ndjson
from cds.hooks.errors import InvalidRequest, MissingPrefetch
from cds.hooks.services import OF_HOOK
from cds.hooks.services.context import Scene
from cds.runtime import parse_body
from cds.service import Service
from cds.web.page import prefetched
from cds.wire import decode, encode

Json = dict[str, Any]
Case = tuple[str, Callable[[], Any]]
ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"
DAY = date(2026, 11, 22)
VARYING = frozenset({"uuid"})


def built_in() -> Iterator[Case]:
    """The fixtures and the scenario tables of this repository."""
    for name in fhir_fixtures.names():
        yield from _fixture(name)
    for name, bundle, drafts in scenario_charts():
        yield name, _bundle(bundle, drafts)


def scenario_charts() -> Iterator[tuple[str, Json, list[Any]]]:
    """Every chart of the scenario tables as a Bundle, with the drafts that go with it."""
    folders = [SCENARIOS / folder for folder in ("psychiatric", "pain", "orders")]
    sys.path[:0] = [str(folder) for folder in (*folders, ROOT)]  # as the tests see each other
    yield from _psychiatric()
    yield from _pain()
    yield from _orders()


def from_files(paths: list[Path]) -> Iterator[Case]:
    """Patients and hook requests in files, or in all JSON and NDJSON files of folders."""
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.suffix in (".json", ".ndjson"):
                yield from _file(file, file.relative_to(path.parent))


def _assessed(record: PatientRecord, drafts: list[Any], day: date) -> Any:
    report = assess(_engine(), read_chart(_engine(), record), day, drafts).report()
    del report["knowledge"]  # which files, and not what they say
    return decode(encode(report))


def _bundle(bundle: Json, drafts: list[Any], day: date = DAY) -> Callable[[], Any]:
    def answer() -> Any:
        (record,) = records_from_bundle(decode(encode(bundle)))
        return _assessed(record, decode(encode(drafts)), day)

    return answer


def _fixture(name: str) -> Iterator[Case]:
    bundle = fhir_fixtures.load(name, DAY)
    draft = json.loads((fhir_fixtures.orders() / f"{name}.json").read_text())
    yield f"fixture/{name}/alone", _bundle(bundle, [])
    yield f"fixture/{name}/order", _bundle(bundle, [draft])
    for hook, service in OF_HOOK.items():
        visit = f"{name}-2" if "encounterId" in service.required else None
        context = service.context_in(Scene("Practitioner/p", name, visit, [draft]))
        request = {"hook": hook, "hookInstance": "00000000-0000-4000-8000-000000000000",
                   "context": context, "prefetch": prefetched(bundle)}  # fmt: skip
        yield f"fixture/{name}/{hook}", _called(request)


def _called(request: Json) -> Callable[[], Any]:
    def answer() -> Any:
        try:
            response = _service().respond(parse_body(decode(encode(request))))
        except (InvalidRequest, MissingPrefetch) as refused:
            return {"refused": type(refused).__name__}
        return _lasting(decode(encode(list(response.cards))))

    return answer


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in VARYING}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return load()


@lru_cache(maxsize=1)
def _service() -> Service:
    return Service(
        engine=_engine(),
        sender=Sender(url="https://cds.example.org/knowledge"),
        connect=lambda request: None,
        today=lambda zone: DAY,
    )


def _psychiatric() -> Iterator[tuple[str, Json, list[Any]]]:
    import chart_notation
    import test_psychiatric_scenarios as scenarios

    for parameter in scenarios._scenarios():
        (scenario,) = parameter.values
        drafts = [chart_notation.draft(scenario["order"])] if "order" in scenario else []
        yield f"psychiatric/{parameter.id}", chart_notation.bundle(scenario["chart"]), drafts


def _pain() -> Iterator[tuple[str, Json, list[Any]]]:
    import pain_charts

    for table, row in pain_charts.tables():
        yield f"pain/{table}/{row['id']}", pain_charts.bundle(row), pain_charts.orders(row)


def _orders() -> Iterator[tuple[str, Json, list[Any]]]:
    import order_charts

    charts = yaml.safe_load((SCENARIOS / "orders" / "charts.yaml").read_text())
    for path in sorted((SCENARIOS / "orders").glob("*_orders.yaml")):
        for row in yaml.safe_load(path.read_text())["orders"]:
            chart = order_charts.bundle(charts[row["chart"]] | row.get("chart_too", {}))
            written = [row["order"], *row.get("drafts", [])]
            drafts = [order_charts.draft(order, n) for n, order in enumerate(written, 1)]
            yield f"orders/{path.stem}/{row['name']}", chart, drafts


def _file(file: Path, name: Path) -> Iterator[Case]:
    text = file.read_bytes()
    if file.suffix == ".ndjson":
        records = list(records_from_ndjson(text))
    else:
        document = decode(text)
        if isinstance(document, dict) and "hook" in document:
            yield str(name), _called(document)
            return
        records = list(records_from_bundle(document))
    order = Path(str(file).removesuffix(".bundle.json") + ".order.json")
    for number, record in enumerate(records):
        ident = str((record.patient or {}).get("id"))
        drafts = [decode(order.read_bytes())] if order != file and order.exists() else []
        for label, sent in (("alone", []), ("order", drafts or [_ketamine(ident)])):
            yield f"{name}#{number}/{label}", lambda r=record, s=sent: _assessed(r, s, DAY)  # type: ignore[misc]


def _ketamine(patient: str) -> Json:
    code = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"}
    return {
        "resourceType": "MedicationRequest", "id": "draft-1", "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"coding": [code]},
        "subject": {"reference": f"Patient/{patient}"},
    }  # fmt: skip
